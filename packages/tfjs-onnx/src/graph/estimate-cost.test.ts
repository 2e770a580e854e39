import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import '../gradients/index.js';
import type { TensorFunction } from '../tensor-function.js';
import { trace } from '../tracer/trace.js';
import { estimateCost } from './estimate-cost.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

function cost(
  fn: TensorFunction,
  shapes: Readonly<Record<string, readonly number[]>>,
): ReturnType<typeof estimateCost> {
  const inputs = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, { shape, dtype: 'float32' as const }]),
  );
  return estimateCost(trace(fn, { inputs }));
}

test('a matrix product counts two operations per multiplication', () => {
  const fn: TensorFunction = ({ a, b }) => ({ y: tf.matMul(a!, b!) });
  expect(cost(fn, { a: [3, 4], b: [4, 5] })).toEqual({
    flop: 2 * 3 * 4 * 5,
    bytes: 4 * (12 + 20 + 15),
  });
});

test('a convolution and each of its gradients count the same', () => {
  const shapes = { x: [2, 8, 8, 3], w: [5, 5, 3, 4] };
  const conv = 2 * (2 * 4 * 4 * 4) * 5 * 5 * 3; // 2 · outputs · taps · channels in
  const convolve = (x: tf.Tensor, w: tf.Tensor): tf.Tensor =>
    tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'valid');
  expect(cost(({ x, w }) => ({ y: convolve(x!, w!) }), shapes).flop).toBe(conv);
  const both: TensorFunction = ({ x, w }) => {
    const [dx, dw] = tf.grads((a, b) => tf.sum(convolve(a!, b!)))([x!, w!]);
    return { dx: dx!, dw: dw! };
  };
  expect(cost(both, shapes).flop).toBe(2 * conv); // the sum itself is needed by no gradient
});

test('a chain of elementwise operations needs one tensor beside its input', () => {
  const chain: TensorFunction = ({ x }) => ({ y: tf.exp(tf.neg(tf.square(tf.sin(x!)))) });
  expect(cost(chain, { x: [1000] })).toEqual({ flop: 4000, bytes: 2 * 4000 });
});

test('what is needed later stays', () => {
  const shared: TensorFunction = ({ x }) => {
    const s = tf.sin(x!);
    return { y: tf.mul(s, tf.reshape(tf.exp(tf.cos(s)), [1000])) };
  };
  expect(cost(shared, { x: [1000] }).bytes).toBe(3 * 4000);
});

test('equal work counts once, constants take no room', () => {
  const twice: TensorFunction = ({ x }) => ({
    a: tf.exp(x!),
    b: tf.add(tf.exp(x!), tf.ones([1000])),
  });
  expect(cost(twice, { x: [1000] })).toEqual({ flop: 2000, bytes: 3 * 4000 });
});
