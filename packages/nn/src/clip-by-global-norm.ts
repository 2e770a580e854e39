import type { Tensors } from '@lapyra/core';
import * as tf from '@tensorflow/tfjs-core';
import { expectOption } from './expect.js';

export interface ClippedGradients {
  readonly gradients: Record<string, tf.Tensor>;
  /** The norm before clipping, shape []. */
  readonly norm: tf.Tensor;
}

/**
 * All gradients scaled by one factor, so that the norm of them together is at most `max`; unchanged if it is already.
 *
 * @throws {LapyraError} `LAPYRA_NN_OPTION` unless max > 0
 */
export function clipByGlobalNorm(gradients: Tensors, max: number): ClippedGradients {
  expectOption('clipByGlobalNorm', max > 0, 'max > 0', max);
  const squares = Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient)));
  const norm = tf.sqrt(squares.length === 0 ? tf.scalar(0) : tf.addN(squares));
  const factor = tf.div(max, tf.maximum(norm, max)); // exactly 1 up to max
  return {
    gradients: Object.fromEntries(
      Object.entries(gradients).map(([name, gradient]) => [name, tf.mul(gradient, factor)]),
    ),
    norm,
  };
}
