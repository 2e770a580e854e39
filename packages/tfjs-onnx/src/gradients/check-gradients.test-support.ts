// Central differences against tf.grads, on tfjs's plain cpu backend.
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

/** A function of float tensors; integer inputs are closed over. */
export type Differentiable = (...inputs: Tensor[]) => Tensor;

export interface UniformOptions {
  seed?: number;
  low?: number;
  high?: number;
  kinks?: number[];
  away?: number;
}

/** Seeded uniform numbers in [low, high), at least `away` from each of `kinks`. */
export function uniform(
  shape: number[],
  { seed = 1, low = -1, high = 1, kinks = [], away = 0.1 }: UniformOptions = {},
): Tensor {
  const next = generator(seed);
  const draw = (): number => {
    const value = low + (high - low) * next();
    return kinks.some((kink) => Math.abs(value - kink) < away) ? draw() : value;
  };
  return tf.tensor(Array.from({ length: tf.util.sizeFromShape(shape) }, draw), shape, 'float32');
}

/** Numbers that differ from each other by at least 0.1, in a seeded order: no ties within reach of a step. */
export function distinct(shape: number[], seed = 1): Tensor {
  const next = generator(seed);
  const size = tf.util.sizeFromShape(shape);
  const order = Array.from({ length: size }, (_, i) => ({ i, key: next() }));
  const values = order.sort((a, b) => a.key - b.key).map(({ i }) => (i - size / 2) * 0.1 + 0.05);
  return tf.tensor(values, shape, 'float32');
}

/**
 * Check the first gradient of `f`, and with `order: 2` also the second, along random directions in every input.
 *
 * The function differentiated is Σ w · (f + f² / 2) with fixed random w, so that the second gradient of a linear `f` is not zero.
 */
export function checkGradients(
  f: Differentiable,
  inputs: readonly Tensor[],
  { order = 1, tolerance = 2e-3 }: { order?: 1 | 2; tolerance?: number } = {},
): void {
  const weigh = (y: Tensor, seed: number): Tensor =>
    tf.mul(y, uniform(y.shape, { seed, low: 0.2 }));
  const loss = (...xs: Tensor[]): Tensor => {
    const y = f(...xs);
    return weigh(tf.add(y, tf.mul(tf.square(y), 0.5)), 77);
  };
  compare(loss, inputs, tolerance);
  if (order === 1) return;
  const slope = (...xs: Tensor[]): Tensor => {
    const first = tf.grads((...vs: Tensor[]) => tf.sum(loss(...vs)))(xs);
    const flat = first.map((dx, i) => tf.reshape(weigh(dx, 80 + i), [-1]));
    return tf.concat(flat);
  };
  compare(slope, inputs, tolerance);
}

function compare(f: Differentiable, inputs: readonly Tensor[], tolerance: number): void {
  const total = (...xs: Tensor[]): Tensor => tf.sum(f(...xs));
  const gradients = tf.grads(total)([...inputs]);
  inputs.forEach((input, i) => {
    for (const seed of [11, 12, 13]) {
      const direction = uniform(input.shape, { seed: seed + 100 * i });
      const along = (step: number): number =>
        sum64(f(...inputs.map((x, j) => (i === j ? tf.add(x, tf.mul(direction, step)) : x))));
      const h = 0.01;
      const numeric = (8 * (along(h) - along(-h)) - (along(2 * h) - along(-2 * h))) / (12 * h);
      const exact = sum64(tf.mul(gradients[i] as Tensor, direction));
      const scale = Math.max(1, Math.abs(numeric));
      expect(
        Math.abs(exact - numeric) / scale,
        `input ${i}: ${exact} against ${numeric}`,
      ).toBeLessThan(tolerance);
    }
  });
}

/** The sum in double precision, so that only the kernels' own rounding is left. */
function sum64(x: Tensor): number {
  return Array.from(x.dataSync()).reduce((total, value) => total + value, 0);
}

/** A small linear congruential generator: enough for test points. */
function generator(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
