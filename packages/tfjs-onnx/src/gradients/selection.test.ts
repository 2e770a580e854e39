import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { checkGradients, uniform, type Differentiable } from './check-gradients.test-support.js';
import { GradientError, logSoftmax, stopGradient } from './index.js';

type Case = [name: string, f: Differentiable, ...inputs: Tensor[]];

function all(cases: Case[]): void {
  it.each(cases)('%s', (_name, f, ...inputs) => checkGradients(f, inputs, { order: 2 }));
}

const x34 = uniform([3, 4], { seed: 31 });
const x234 = uniform([2, 3, 4], { seed: 32 });
const twice = tf.tensor1d([2, 0, 2], 'int32');
const perImage = tf.tensor2d([1, 1, 2, 0], [2, 2], 'int32');

describe('picking by index, to second order', () => {
  all([
    ['gather, a row taken twice', (x) => tf.gather(x, twice), x34],
    ['gather along the last axis', (x) => tf.gather(x, twice, -1), x234],
    ['gather by a table of indices', (x) => tf.gather(x, perImage, 1), x234],
    ['gather with a batch dimension', (x) => tf.gather(x, perImage, 1, 1), x234],
    ['gather with a batch dimension, last axis', (x) => tf.gather(x, perImage, 2, 1), x234],
    [
      'unsortedSegmentSum, a row left out',
      (x) => tf.unsortedSegmentSum(x, tf.tensor1d([1, -1, 1], 'int32'), 3),
      x34,
    ],
    ['gatherND', (x) => tf.gatherND(x, tf.tensor2d([0, 1, 2, 3, 0, 1], [3, 2], 'int32')), x34],
    ['scatterND', (x) => tf.scatterND(tf.tensor2d([4, 1, 4], [3, 1], 'int32'), x, [5, 4]), x34],
    ['booleans as weights', (x) => tf.mul(x, tf.oneHot(twice, 4)), x34],
    ['cumsum', (x) => tf.cumsum(x, 1), x234],
    ['cumsum, exclusive and reversed', (x) => tf.cumsum(x, 2, true, true), x234],
  ]);
});

describe('gather', () => {
  it('adds up the gradients of an element taken twice', () => {
    const dx = tf.grad((t: Tensor) => tf.gather(t, tf.tensor1d([3, 3], 'int32')))(uniform([4]));
    expect([...dx.dataSync()]).toEqual([0, 0, 0, 2]);
  });
});

describe('softmax, to second order', () => {
  all([
    ['softmax', (x) => tf.softmax(x), x234],
    ['logSoftmax of this package', (x) => logSoftmax(x), x34],
    ['logSoftmax of this package along another axis', (x) => logSoftmax(x, 1), x234],
  ]);

  it('logSoftmax equals tfjs’s, also for large logits', () => {
    const logits = tf.tensor2d([1000, 0, -1000, 1, 2, 3], [2, 3]);
    const expected = [...tf.logSoftmax(logits).dataSync()];
    [...logSoftmax(logits).dataSync()].forEach((value, i) =>
      expect(value).toBeCloseTo(expected[i] as number, 5),
    );
  });

  it('differentiates tfjs’s own once', () => {
    checkGradients((x) => tf.logSoftmax(x), [x34]);
    const labels = uniform([3, 4], { seed: 33, low: 0.1 });
    checkGradients(
      (l, x) => tf.losses.softmaxCrossEntropy(tf.div(l, tf.sum(l, 1, true)), x),
      [labels, x34],
    );
  });

  it('refuses to differentiate tfjs’s own twice, rather than be wrong', () => {
    const onehot = tf.oneHot(twice, 4);
    const ops: Differentiable[] = [
      (x) => tf.logSoftmax(x),
      (x) => tf.losses.softmaxCrossEntropy(onehot, x),
    ];
    for (const op of ops) {
      const penalty = (x: Tensor): Tensor =>
        tf.sum(tf.square(tf.grad((v: Tensor) => tf.sum(op(v)))(x)));
      expect(() => tf.grad(penalty)(x34)).toThrow(GradientError);
      expect(() => tf.grad(penalty)(x34)).toThrow(
        /expected a first gradient, got a gradient inside another/,
      );
    }
  });
});

describe('stopGradient', () => {
  it('keeps the values and cuts the gradient', () => {
    const x = tf.tensor1d([1, -2, 3]);
    const dx = tf.grad((v: Tensor) => tf.mul(v, stopGradient(tf.square(v))))(x);
    expect([...stopGradient(x).dataSync()]).toEqual([1, -2, 3]);
    expect([...dx.dataSync()]).toEqual([1, 4, 9]); // x² is a constant here
  });

  it('gives zero where nothing else leads to the input', () => {
    const dx = tf.grad((v: Tensor) => stopGradient(v))(tf.scalar(2));
    expect(dx.dataSync()[0]).toBe(0);
  });

  it('cuts second gradients too', () => {
    const slope = (x: Tensor): Tensor =>
      tf.grad((v: Tensor) => tf.mul(tf.square(v), stopGradient(v)))(x);
    expect(slope(tf.scalar(3)).dataSync()[0]).toBe(18); // 2 x · x
    expect(tf.grad(slope)(tf.scalar(3)).dataSync()[0]).toBe(6); // 2 · x
  });

  it('takes integers, booleans and scalars', () => {
    for (const x of [tf.tensor1d([1, 2], 'int32'), tf.tensor1d([1, 0], 'bool'), tf.scalar(5)]) {
      const y = stopGradient(x);
      expect(y.dtype).toBe(x.dtype);
      expect([...y.dataSync()]).toEqual([...x.dataSync()]);
    }
  });
});

describe('memory', () => {
  it('leaves no tensor behind but the gradients', () => {
    const before = tf.memory().numTensors;
    const x = uniform([2, 6, 6, 2]);
    const w = uniform([3, 3, 2, 2]);
    const critic = (u: Tensor, f: Tensor): Tensor =>
      tf.maxPool(tf.leakyRelu(tf.conv2d(u as Tensor4D, f as Tensor4D, 2, 'same')), 2, 1, 'same');
    const penalty = (u: Tensor, f: Tensor): Tensor =>
      tf.sum(tf.square(tf.grad((v: Tensor) => tf.sum(tf.tanh(critic(v, f))))(u)));
    tf.dispose(tf.grads(penalty)([x, w]));
    tf.dispose([x, w]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
