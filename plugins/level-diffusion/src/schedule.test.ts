import '@tensorflow/tfjs-backend-cpu';
import { randomStream } from '@lapyra/core';
import { expectClose } from '@lapyra/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { ddimStep, diffuse, signalAt } from './schedule.js';

const normal = (name: string, ...shape: number[]): tf.Tensor =>
  tf.tensor(randomStream(1, name).normal(shape.reduce((a, b) => a * b)), shape);

it('keeps the variance, from all data to all noise', () => {
  expect(signalAt(0)).toEqual({ alpha: 1, sigma: 0 });
  expect(signalAt(1).alpha).toBeCloseTo(0, 12);
  expect(signalAt(1).sigma).toBe(1);
  expect(signalAt(0.5).alpha ** 2).toBeCloseTo(0.5, 12); // ᾱ half way
  expect(signalAt(1 / 3).alpha ** 2).toBeCloseTo(0.75, 12);
  for (const t of [0, 0.1, 0.37, 0.9, 1]) {
    const { alpha, sigma } = signalAt(t);
    expect(alpha ** 2 + sigma ** 2).toBeCloseTo(1, 12);
  }
});

it('mixes each image at its own time', () => {
  const [data, noise] = [normal('data', 2, 1, 1, 2), normal('noise', 2, 1, 1, 2)];
  const { x, v } = diffuse(data, noise, tf.tensor1d([0, 1 / 3]));
  const [d, n] = [data.dataSync(), noise.dataSync()];
  const [a, s] = [Math.sqrt(0.75), 0.5];
  expectClose(
    x.dataSync<'float32'>(),
    [d[0]!, d[1]!, a * d[2]! + s * n[2]!, a * d[3]! + s * n[3]!],
    { absolute: 1e-6 },
  );
  expectClose(
    v.dataSync<'float32'>(),
    [n[0]!, n[1]!, a * n[2]! - s * d[2]!, a * n[3]! - s * d[3]!],
    { absolute: 1e-6 },
  );
});

it('goes from any time to any other exactly, if the velocity is right', () => {
  const [data, noise] = [normal('data', 3, 2, 2, 1), normal('noise', 3, 2, 2, 1)];
  for (const [from, to] of [
    [1, 0],
    [0.8, 0.3],
    [0.2, 0.9],
  ] as const) {
    const start = diffuse(data, noise, tf.fill([3], from));
    const wanted = diffuse(data, noise, tf.fill([3], to));
    const reached = ddimStep(start.x, start.v, signalAt(from), signalAt(to));
    expectClose(reached.dataSync<'float32'>(), wanted.x.dataSync<'float32'>(), { absolute: 1e-6 });
    // And back again.
    const back = ddimStep(reached, wanted.v, signalAt(to), signalAt(from));
    expectClose(back.dataSync<'float32'>(), start.x.dataSync<'float32'>(), { absolute: 2e-6 });
  }
});

it('turns noise into Gaussian data by the velocity that is best for them', () => {
  // Data N(0, d²): given x = αd₀ + σε, the best guess of v is (1 − d²)·ασ ÷ (α²d² + σ²) · x: linear. Many small steps scale x
  // from deviation 1 to d.
  const deviation = 0.3;
  const steps = 400;
  let x = normal('z', 1, 1, 1, 8);
  const z = x.dataSync();
  for (let left = steps; left > 0; left -= 1) {
    const [from, to] = [signalAt(left / steps), signalAt((left - 1) / steps)];
    const spread = from.alpha ** 2 * deviation ** 2 + from.sigma ** 2;
    const v = tf.mul(x, ((1 - deviation ** 2) * from.alpha * from.sigma) / spread);
    x = ddimStep(x, v, from, to);
  }
  expectClose(
    x.dataSync<'float32'>(),
    Float32Array.from(z, (value) => deviation * value),
    { relative: 0.01 },
  );
});
