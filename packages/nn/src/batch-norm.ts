import { LapyraError, type StateTensor } from '@lapyra/core';
import * as tf from '@tensorflow/tfjs-core';
import { expectOption, expectTensor, isWhole } from './expect.js';
import { ones, zeros } from './initial.js';
import type { Module } from './module.js';

export interface BatchNormOptions {
  readonly channels: number;
  /** Share of the batch in the new running statistics. @default 0.1 */
  readonly momentum?: number;
  /** Added to the variance. @default 1e-5 */
  readonly eps?: number;
  /** Learn a scale and an offset per channel. @default true */
  readonly affine?: boolean;
}

/**
 * Batch normalisation over all axes but the last: y = (x − mean)/√(variance + eps) · weight + bias.
 * Source: Ioffe & Szegedy 2015; statistics as in Torch.
 *
 * A training pass uses the batch's mean and biased variance, and, where the context takes updates, gives
 * running ← (1 − momentum)·running + momentum·batch with the unbiased variance. Otherwise the running ones are used.
 * State: `mean`, `variance` (statistics), `weight`, `bias` (if affine), each [channels].
 *
 * @throws {LapyraError} `LAPYRA_NN_OPTION`; in use `LAPYRA_NN_SHAPE` also for fewer than two values per channel
 */
export function batchNorm(options: BatchNormOptions): Module {
  const { channels, momentum = 0.1, eps = 1e-5, affine = true } = options;
  expectOption('batchNorm', isWhole(channels), 'a whole number of channels ≥ 1', channels);
  const shape = [channels];
  const state: Record<string, StateTensor> = {
    mean: { shape, role: 'statistic', initial: zeros },
    variance: { shape, role: 'statistic', initial: ones },
  };
  if (affine) {
    state['weight'] = { shape, role: 'weight', initial: ones };
    state['bias'] = { shape, role: 'weight', initial: zeros };
  }

  return {
    state,
    masks: () => ({}),
    apply: (given, x, { training, updates }) => {
      const running = (name: string): tf.Tensor => expectTensor('batchNorm', given, name);
      const scaled = (deviation: tf.Tensor): tf.Tensor =>
        affine ? tf.mul(deviation, running('weight')) : deviation;
      if (!training) {
        const scale = scaled(tf.rsqrt(tf.add(running('variance'), eps))); // [C]
        const offset = tf.mul(running('mean'), scale); // [C]
        return tf.add(tf.mul(x, scale), affine ? tf.sub(running('bias'), offset) : tf.neg(offset));
      }
      const count = valuesPerChannel(x, channels);
      const axes = x.shape.map((_, axis) => axis).slice(0, -1);
      const mean = tf.mean(x, axes); // [C]
      const centred = tf.sub(x, mean);
      const variance = tf.mean(tf.square(centred), axes); // [C]
      if (updates) {
        const moved = (name: string, batch: tf.Tensor, share: number): tf.Tensor =>
          tf.add(tf.mul(running(name), 1 - momentum), tf.mul(batch, share));
        updates['mean'] = moved('mean', mean, momentum);
        updates['variance'] = moved('variance', variance, (momentum * count) / (count - 1));
      }
      const y = tf.mul(centred, scaled(tf.rsqrt(tf.add(variance, eps))));
      return affine ? tf.add(y, running('bias')) : y;
    },
  };
}

function valuesPerChannel(x: tf.Tensor, channels: number): number {
  const count = x.size / channels;
  if (x.shape.length < 2 || x.shape.at(-1) !== channels || count < 2) {
    throw new LapyraError(
      'LAPYRA_NN_SHAPE',
      `batchNorm: expected [B, …, ${channels}] with at least two values per channel, got [${x.shape.join(', ')}].`,
    );
  }
  return count;
}
