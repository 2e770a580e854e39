import type { StateTensor, Tensors } from '@lapyra/core';
import * as tf from '@tensorflow/tfjs-core';
import { expectImages, expectTensor } from './expect.js';
import type { StateSpec } from './module.js';

/** The root mean square of each channel over all images seen, for networks that want numbers of about 1. */
export interface RunningScale {
  /** `square` [C], the mean square so far, and `count` [], the batches that it is the mean over. */
  readonly state: StateSpec;
  /** The state after one more batch of images [B, H, W, C], by the same names. */
  next(state: Tensors, images: tf.Tensor): Record<string, tf.Tensor>;
  /** √square [C]; 1 before any batch. */
  of(state: Tensors): tf.Tensor;
}

/** Keeps an image of nothing but zeros from a division by 0. */
const LEAST = 1e-12;

/**
 * Of `most` batches and more, the last ones count more: square ← square + (batch − square)/min(count + 1, most). A band's
 * numbers are a tenth of an image's; how large they are is known only when they are seen.
 *
 * @throws {LapyraError} in use `LAPYRA_NN_SHAPE`, `LAPYRA_NN_MISSING`
 */
export function runningScale(channels: number, most: number = 1000): RunningScale {
  const statistic = (shape: readonly number[], fill: number): StateTensor => ({
    shape,
    role: 'statistic',
    initial: { fill },
  });
  const given = (state: Tensors, name: string): tf.Tensor =>
    expectTensor('runningScale', state, name);
  return {
    state: { square: statistic([channels], 1), count: statistic([], 0) },
    next: (state, images) => {
      const square = given(state, 'square');
      const batch = tf.mean(tf.square(expectImages('runningScale', images, channels)), [0, 1, 2]); // [C]
      const count = tf.minimum(tf.add(given(state, 'count'), 1), most);
      return { count, square: tf.add(square, tf.div(tf.sub(batch, square), count)) };
    },
    of: (state) => tf.sqrt(tf.maximum(given(state, 'square'), LEAST)),
  };
}
