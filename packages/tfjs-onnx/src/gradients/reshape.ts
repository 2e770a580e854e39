// Kernels that only move or rename elements one to one.
import * as tf from '@tensorflow/tfjs-core';
import type { DataType, GradConfig } from '@tensorflow/tfjs-core';
import { zeroGradient } from './input-like.js';
import { unaryGradient } from './kernel-gradient.js';

/** Gradients of reshaping, transposing, reversing, copying and casting; a cast from float to integer or bool has the gradient 0. */
export const reshapeGradients: readonly GradConfig[] = [
  unaryGradient(tf.Reshape, (dy, x) => tf.reshape(dy, x.shape)),
  unaryGradient(tf.ExpandDims, (dy, x) => tf.reshape(dy, x.shape), 'input'),
  unaryGradient<{ perm: number[] }>(tf.Transpose, (dy, _x, { perm }) =>
    tf.transpose(dy, tf.backend_util.getUndoAxesPermutation(perm)),
  ),
  unaryGradient<{ dims: number | number[] | null | undefined }>(tf.Reverse, (dy, _x, { dims }) =>
    tf.reverse(dy, dims ?? undefined),
  ),
  unaryGradient(tf.Identity, (dy) => dy.clone()),
  unaryGradient<{ dtype: DataType }>(tf.Cast, (dy, x, { dtype }) =>
    x.dtype === 'float32' && dtype !== 'float32' ? zeroGradient(x) : dy.clone(),
  ),
];
