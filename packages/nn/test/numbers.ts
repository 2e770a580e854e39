// What the tests of this package share: stored tensors, closeness, seeded numbers, finite differences.
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

/** A tensor as the fixtures hold it. */
export interface Stored {
  readonly shape: number[];
  readonly data: number[];
}

export function fixture<T>(name: string): T {
  const url = new URL(`fixtures/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as T;
}

export function load({ shape, data }: Stored): tf.Tensor {
  return tf.tensor(data, shape);
}

export function loadAll(record: Readonly<Record<string, Stored>>): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.entries(record).map(([name, stored]) => [name, load(stored)]));
}

/** The largest |got − expected| / (1 + |expected|) of all elements; infinite for another shape or a NaN. */
function deviation(got: tf.Tensor | undefined, expected: Stored): number {
  if (got?.shape.join() !== expected.shape.join()) return Infinity;
  const found = got.dataSync();
  return Math.max(
    0,
    ...expected.data.map((value, index) => {
      const off = Math.abs((found[index] ?? Number.NaN) - value) / (1 + Math.abs(value));
      return Number.isNaN(off) ? Infinity : off;
    }),
  );
}

/** The largest deviation of all tensors; infinite for other names. */
export function deviationOfAll(
  got: Readonly<Record<string, tf.Tensor>>,
  expected: Readonly<Record<string, Stored>>,
): number {
  const names = Object.keys(expected);
  if (Object.keys(got).sort().join() !== names.toSorted().join()) return Infinity;
  return Math.max(
    ...names.map((name) => deviation(got[name], expected[name] ?? { shape: [], data: [] })),
  );
}

export function expectClose(
  got: tf.Tensor | undefined,
  expected: Stored,
  tolerance: number = 1e-5,
): void {
  expect(got?.shape).toEqual(expected.shape);
  expect(deviation(got, expected)).toBeLessThanOrEqual(tolerance);
}

export function values(tensor: tf.Tensor | undefined): number[] {
  return Array.from(tensor?.dataSync() ?? []);
}

/** Numbers on [-1, 1) that are the same in each run (mulberry32). */
export function seeded(shape: number[], seed: number): tf.Tensor {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
  const size = shape.reduce((product, side) => product * side, 1);
  return tf.tensor(Array.from({ length: size }, next), shape);
}

/** Central differences of a scalar function at x. */
export function finiteDifferences(
  f: (x: tf.Tensor) => tf.Tensor,
  x: tf.Tensor,
  step = 1e-2,
): Stored {
  const at = Array.from(x.dataSync());
  const value = (data: number[]): number => f(tf.tensor(data, x.shape)).dataSync()[0] ?? Number.NaN;
  const data = at.map((_, index) => {
    const moved = (by: number): number[] => at.map((v, i) => (i === index ? v + by : v));
    return (value(moved(step)) - value(moved(-step))) / (2 * step);
  });
  return { shape: [...x.shape], data };
}
