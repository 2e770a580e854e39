import '@tensorflow/tfjs-backend-cpu';
import { expectClose } from '@lapyra/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { gaussianNats, klToStandard } from './gaussian.js';

it('has the KL divergence of normal distributions by hand', () => {
  // N(0, 1): 0. N(2, 1): 2²/2. N(0, e): (e − 1 − 1)/2. Two variables add up.
  const mean = tf.tensor2d([
    [0, 0],
    [2, 0],
    [2, 0],
  ]);
  const logVariance = tf.tensor2d([
    [0, 0],
    [0, 0],
    [0, 1],
  ]);
  expectClose(klToStandard(mean, logVariance).dataSync<'float32'>(), [0, 2, 2 + (Math.E - 2) / 2], {
    absolute: 1e-6,
  });
});

it('has the nats of a normal number by hand, and sums over an image', () => {
  const zero = tf.zeros([1, 1, 1, 1]);
  const nats = (x: number, deviation: number): number =>
    gaussianNats(tf.fill([1, 1, 1, 1], x), zero, tf.tensor1d([Math.log(deviation)])).dataSync()[0]!;
  expect(nats(0, 1)).toBeCloseTo(0.9189385, 6); // ½ log 2π
  expect(nats(3, 1)).toBeCloseTo(0.9189385 + 4.5, 5);
  expect(nats(3, 2)).toBeCloseTo(0.9189385 + 1.125 + Math.log(2), 5);
  const image = tf.tensor4d([1, 2, 3, 4], [1, 1, 2, 2]);
  const whole = gaussianNats(
    image,
    tf.zerosLike(image),
    tf.tensor1d([0, Math.log(2)]),
  ).dataSync()[0]!;
  expect(whole).toBeCloseTo(4 * 0.9189385 + 2 * Math.log(2) + (1 + 9) / 2 + (4 + 16) / 8, 5);
});
