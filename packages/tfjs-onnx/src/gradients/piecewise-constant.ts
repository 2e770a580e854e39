// Functions whose value changes only in jumps: their gradient is zero, and must exist so that where(x > 0, …) has one.
import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { zeroGradient } from './input-like.js';
import { kernelGradient } from './kernel-gradient.js';

const one = ['x'] as const;
const two = ['a', 'b'] as const;

const inputs: Record<string, readonly string[]> = {
  [tf.ArgMax]: one,
  [tf.ArgMin]: one,
  [tf.Ceil]: one,
  [tf.Floor]: one,
  [tf.IsFinite]: one,
  [tf.IsInf]: one,
  [tf.IsNan]: one,
  [tf.LogicalNot]: one,
  [tf.OnesLike]: one,
  [tf.Round]: one,
  [tf.Sign]: one,
  [tf.Step]: one,
  [tf.ZerosLike]: one,
  [tf.Equal]: two,
  [tf.FloorDiv]: two,
  [tf.Greater]: two,
  [tf.GreaterEqual]: two,
  [tf.Less]: two,
  [tf.LessEqual]: two,
  [tf.LogicalAnd]: two,
  [tf.LogicalOr]: two,
  [tf.NotEqual]: two,
  [tf.OneHot]: ['indices'],
};

/** Zero gradients: comparisons, logic, rounding, signs, positions of extremes. */
export const piecewiseConstantGradients: readonly GradConfig[] = Object.entries(inputs).map(
  ([kernel, names]) =>
    kernelGradient(kernel, names, (_dy, saved) =>
      Object.fromEntries(names.map((name, i) => [name, () => zeroGradient(saved[i] as Tensor)])),
    ),
);
