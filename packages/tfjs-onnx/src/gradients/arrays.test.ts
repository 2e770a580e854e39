import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  checkGradients,
  distinct,
  uniform,
  type Differentiable,
} from './check-gradients.test-support.js';
import { registerGradients } from './index.js';

registerGradients(); // another file's imports may have put tfjs's own back

type Case = [name: string, f: Differentiable, ...inputs: Tensor[]];

function all(cases: Case[]): void {
  it.each(cases)('%s', (_name, f, ...inputs) => checkGradients(f, inputs, { order: 2 }));
}

const x23 = uniform([2, 3], { seed: 2 });
const x234 = uniform([2, 3, 4], { seed: 3 });

describe('reductions, to second order', () => {
  all([
    ['sum of all', (x) => tf.sum(x), x234],
    ['sum over one axis', (x) => tf.sum(x, 1), x234],
    ['sum over a negative axis, dimensions kept', (x) => tf.sum(x, -2, true), x234],
    ['sum over axes out of order', (x) => tf.sum(x, [2, 0]), x234],
    ['mean of all', (x) => tf.mean(x), x234],
    ['mean over two axes', (x) => tf.mean(x, [0, -1]), x234],
    ['mean, dimensions kept', (x) => tf.mean(x, [1], true), x234],
    ['moments', (x) => tf.concat([tf.moments(x, 0).mean, tf.moments(x, 0).variance]), x23],
    ['norm', (x) => tf.norm(x, 2, 1), x23],
    ['max of all', (x) => tf.max(x), distinct([2, 3])],
    ['max over a negative axis', (x) => tf.max(x, -1), distinct([2, 3, 2])],
    ['max, dimensions kept', (x) => tf.max(x, [0, 2], true), distinct([2, 3, 2])],
    ['min over an axis', (x) => tf.min(x, 0), distinct([3, 4])],
    ['logSumExp', (x) => tf.logSumExp(x, 1), x23],
    ['prod of all', (x) => tf.prod(x), x23],
    ['prod over an axis', (x) => tf.prod(x, 0), x234],
    ['prod, dimensions kept', (x) => tf.prod(x, -1, true), x23],
    ['prod with zeros', (x) => tf.prod(x, 1), tf.tensor2d([0, 2, 3, 0, 0, 4, 1, 2, 3], [3, 3])],
  ]);

  it('shares the gradient of a maximum among ties', () => {
    const x = tf.tensor2d([1, 3, 3, 2, 2, 2], [2, 3]);
    const dx = tf.grad((v: Tensor) => tf.max(v, 1))(x);
    expect([...dx.dataSync()]).toEqual([0, 0.5, 0.5, ...[1, 1, 1].map((n) => Math.fround(n / 3))]);
  });
});

describe('moving elements, to second order', () => {
  all([
    ['reshape', (x) => tf.reshape(x, [3, 8]), x234],
    ['expandDims and squeeze', (x) => tf.squeeze(tf.expandDims(x, -1)), x234],
    ['transpose', (x) => tf.transpose(x, [2, 0, 1]), x234],
    ['transpose by default', (x) => tf.transpose(x), x23],
    ['reverse along negative axes', (x) => tf.reverse(x, [-1, 0]), x234],
    ['reverse of all axes', (x) => tf.reverse(x), x23],
    ['clone and cast', (x) => tf.cast(x.clone(), 'float32'), x23],
    ['tile', (x) => tf.tile(x, [2, 3]), x23],
    ['tile of an axis of one', (x) => tf.tile(x, [1, 4, 2]), uniform([2, 1, 3])],
    ['broadcastTo', (x) => tf.broadcastTo(x, [2, 4, 3]), uniform([2, 1, 3])],
    ['broadcastTo of a scalar', (x) => tf.broadcastTo(x, [2, 2]), uniform([])],
  ]);
});

describe('joining and splitting, to second order', () => {
  all([
    ['concat', (a, b) => tf.concat([a, b], 1), x23, uniform([2, 2])],
    ['concat along a negative axis', (a, b) => tf.concat([a, b, a], -1), x234, uniform([2, 3, 1])],
    ['stack', (a, b) => tf.stack([a, b, a], 1), x23, uniform([2, 3])],
    ['stack along a negative axis', (a, b) => tf.stack([a, b], -1), x23, uniform([2, 3])],
    ['unstack', (x) => tf.mul(tf.unstack(x, 1)[0] as Tensor, tf.unstack(x, 1)[2] as Tensor), x234],
    ['unstack of one', (x) => tf.unstack(x)[0] as Tensor, uniform([1, 3])],
    ['split, one part unused', (x) => tf.split(x, [1, 2, 1], -1)[1] as Tensor, x234],
    ['split into equal parts', (x) => tf.sub(...(tf.split(x, 2, 2) as [Tensor, Tensor])), x234],
  ]);
});

describe('slicing and padding, to second order', () => {
  all([
    ['slice', (x) => tf.slice(x, [0, 1, 1], [2, 2, 2]), x234],
    ['slice to the end', (x) => tf.slice(x, [1, 0, 2], [-1, -1, -1]), x234],
    ['slice of fewer axes', (x) => tf.slice(x, 1, 1), x23],
    ['strided slice', (x) => tf.stridedSlice(x, [0, 0, 1], [2, 3, 4], [1, 2, 2]), x234],
    [
      'strided slice backwards',
      (x) => tf.stridedSlice(x, [0, 2, -1], [2, -4, 0], [1, -1, -2]),
      x234,
    ],
    [
      'strided slice with masks',
      (x) => tf.stridedSlice(x, [1, 1, 9], [2, 9, 9], [1, 1, 1], 4, 6, 0, 0, 1),
      x234,
    ],
    [
      'strided slice with a new axis and an ellipsis',
      (x) => tf.stridedSlice(x, [0, 0, 1], [0, 0, 4], [1, 1, 2], 0, 0, 2, 1),
      x234,
    ],
    [
      'pad',
      (x) =>
        tf.pad(
          x,
          [
            [0, 0],
            [1, 2],
            [0, 1],
          ],
          5,
        ),
      x234,
    ],
    [
      'mirrorPad, reflect',
      (x) =>
        tf.mirrorPad(
          x,
          [
            [0, 0],
            [2, 1],
            [1, 3],
          ],
          'reflect',
        ),
      x234,
    ],
    [
      'mirrorPad, symmetric',
      (x) =>
        tf.mirrorPad(
          x,
          [
            [1, 2],
            [3, 2],
            [0, 4],
          ],
          'symmetric',
        ),
      x234,
    ],
  ]);
});

describe('matrix products, to second order', () => {
  const sizes = (transposed: boolean, rows: number, columns: number): number[] =>
    transposed ? [columns, rows] : [rows, columns];
  describe.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])('transposed: %s, %s', (left, right) => {
    all([
      [
        'two matrices',
        (a, b) => tf.matMul(a, b, left, right),
        uniform(sizes(left, 2, 3)),
        uniform(sizes(right, 3, 4), { seed: 2 }),
      ],
      [
        'a batch and one matrix',
        (a, b) => tf.matMul(a, b, left, right),
        uniform([2, ...sizes(left, 2, 3)]),
        uniform(sizes(right, 3, 2), { seed: 2 }),
      ],
      [
        'batches, one broadcast',
        (a, b) => tf.matMul(a, b, left, right),
        uniform([1, ...sizes(left, 2, 3)]),
        uniform([2, 3, ...sizes(right, 3, 2)], { seed: 2 }),
      ],
    ]);
  });
  all([
    ['dot of vectors', (a, b) => tf.dot(a, b), uniform([4]), uniform([4], { seed: 2 })],
    [
      'outer product',
      (a, b) => tf.outerProduct(a as tf.Tensor1D, b as tf.Tensor1D),
      uniform([2]),
      uniform([3]),
    ],
  ]);
});
