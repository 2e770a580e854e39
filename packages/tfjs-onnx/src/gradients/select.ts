import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { toFloat, zeroGradient } from './input-like.js';
import { kernelGradient, unaryGradient } from './kernel-gradient.js';

interface ClipAttrs {
  clipValueMin: number;
  clipValueMax: number;
}

/** Gradients of `where` (the side not taken gets 0, the condition too) and `clipByValue` (1 inside and on the bounds, 0 beyond). */
export const selectGradients: readonly GradConfig[] = [
  kernelGradient(tf.Select, ['condition'], (dy, saved) => {
    const condition = saved[0] as Tensor;
    return {
      condition: () => zeroGradient(condition),
      t: () => tf.where(condition, dy, zeroGradient(dy)),
      e: () => tf.where(condition, zeroGradient(dy), dy),
    };
  }),
  unaryGradient<ClipAttrs>(tf.ClipByValue, (dy, x, { clipValueMin, clipValueMax }) => {
    const value = toFloat(x);
    const inside = tf.logicalAnd(
      tf.greaterEqual(value, clipValueMin),
      tf.lessEqual(value, clipValueMax),
    );
    return tf.where(inside, dy, zeroGradient(dy));
  }),
];
