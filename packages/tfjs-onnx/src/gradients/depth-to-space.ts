// Moving elements between channels, batch and space.
import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { unaryGradient } from './kernel-gradient.js';

interface DepthToSpaceAttrs {
  blockSize: number;
  dataFormat: 'NHWC' | 'NCHW';
}

interface SpaceToBatchAttrs {
  blockShape: number[];
  paddings: [number, number][];
}

interface BatchToSpaceAttrs {
  blockShape: number[];
  crops: [number, number][];
}

/** Gradients of `depthToSpace`, `spaceToBatchND` and `batchToSpaceND`: the moves back. */
export const depthToSpaceGradients: readonly GradConfig[] = [
  unaryGradient<DepthToSpaceAttrs>(tf.DepthToSpace, spaceToDepth),
  unaryGradient<SpaceToBatchAttrs>(tf.SpaceToBatchND, (dy, _x, { blockShape, paddings }) =>
    tf.batchToSpaceND(dy, blockShape, paddings),
  ),
  unaryGradient<BatchToSpaceAttrs>(tf.BatchToSpaceND, (dy, _x, { blockShape, crops }) =>
    tf.spaceToBatchND(dy, blockShape, crops),
  ),
];

/** Each block of pixels back into the channels of one: channel (row · n + column) · C + c of an n × n block. */
function spaceToDepth(
  dy: Tensor,
  x: Tensor,
  { blockSize: n, dataFormat }: DepthToSpaceAttrs,
): Tensor {
  if (dataFormat === 'NHWC') {
    const [b, h, w, depth] = x.shape as [number, number, number, number];
    const blocks = tf.reshape(dy, [b, h, n, w, n, depth / (n * n)]);
    return tf.reshape(tf.transpose(blocks, [0, 1, 3, 2, 4, 5]), x.shape);
  }
  const [b, depth, h, w] = x.shape as [number, number, number, number];
  const blocks = tf.reshape(dy, [b, depth / (n * n), h, n, w, n]);
  return tf.reshape(tf.transpose(blocks, [0, 3, 5, 1, 2, 4]), x.shape);
}
