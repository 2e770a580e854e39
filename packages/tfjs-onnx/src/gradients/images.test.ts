import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
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

const images = uniform([2, 4, 5, 2], { seed: 6 });
const unlike = distinct([2, 5, 6, 2], 7);

describe('pooling, to second order', () => {
  type Pad = Parameters<typeof tf.maxPool>[3];
  const pools: [string, [number, number], [number, number], Pad][] = [
    ['windows that tile', [2, 2], [2, 2], 'valid'],
    ['windows that overlap', [3, 2], [1, 1], 'valid'],
    ['same padding', [3, 3], [2, 2], 'same'],
    ['gaps between windows', [1, 2], [2, 3], 'valid'],
    ['padding by a number', [3, 3], [2, 1], 1],
    ['the whole image', [5, 6], [1, 1], 'valid'],
  ];
  describe.each(pools)('%s', (_name, window, strides, pad) => {
    all([
      ['maxPool', (x) => tf.maxPool(x as Tensor4D, window, strides, pad), unlike],
      ['avgPool', (x) => tf.avgPool(x as Tensor4D, window, strides, pad), unlike],
    ]);
  });
  all([
    ['rounding up', (x) => tf.maxPool(x as Tensor4D, [2, 2], 2, 0, 'ceil'), distinct([1, 3, 5, 1])],
    [
      'with dilation',
      (x) => tf.pool(x as Tensor4D, [2, 2], 'max', 'same', [2, 2]),
      distinct([1, 4, 4, 1]),
    ],
  ]);

  it('leaves out windows that lie on padding alone', () => {
    // Along each axis two windows lie before the image, two behind it, one on each edge, and three inside.
    const x = tf.ones<tf.Rank.R4>([1, 4, 4, 1]);
    const dx = tf.grad((v: Tensor) => tf.avgPool(v as Tensor4D, 2, 1, 3))(x);
    const line = [1.5, 1, 1, 1.5]; // an edge pixel is all that one window sees, and half of another
    const want = line.flatMap((row) => line.map((column) => row * column));
    expect([...dx.dataSync()]).toEqual(want);
  });

  it('gives the gradient of a tie to one element of the window', () => {
    const x = tf.ones<tf.Rank.R4>([1, 2, 2, 1]);
    const dx = tf.grad((v: Tensor) => tf.maxPool(v as Tensor4D, 2, 2, 'valid'))(x);
    expect([...dx.dataSync()]).toEqual([1, 0, 0, 0]);
  });
});

describe('resizing, to second order', () => {
  const sizes: [string, [number, number]][] = [
    ['larger', [7, 10]],
    ['smaller', [3, 2]],
    ['to one pixel', [1, 1]],
    ['to the same size', [4, 5]],
  ];
  describe.each(sizes)('%s', (_name, size) => {
    all([
      ['bilinear', (x) => tf.image.resizeBilinear(x as Tensor4D, size), images],
      ['bilinear, corners', (x) => tf.image.resizeBilinear(x as Tensor4D, size, true), images],
      [
        'bilinear, centres',
        (x) => tf.image.resizeBilinear(x as Tensor4D, size, false, true),
        images,
      ],
      ['nearest', (x) => tf.image.resizeNearestNeighbor(x as Tensor4D, size), images],
      [
        'nearest, corners',
        (x) => tf.image.resizeNearestNeighbor(x as Tensor4D, size, true),
        images,
      ],
      [
        'nearest, centres',
        (x) => tf.image.resizeNearestNeighbor(x as Tensor4D, size, false, true),
        images,
      ],
    ]);
  });
});

describe('channels, batch and space, to second order', () => {
  all([
    ['depthToSpace', (x) => tf.depthToSpace(x as Tensor4D, 2), uniform([2, 2, 3, 8])],
    [
      'spaceToBatchND',
      (x) =>
        tf.spaceToBatchND(
          x,
          [2, 3],
          [
            [0, 0],
            [1, 0],
          ],
        ),
      uniform([2, 4, 5, 2]),
    ],
    [
      'batchToSpaceND',
      (x) =>
        tf.batchToSpaceND(
          x,
          [2, 2],
          [
            [0, 1],
            [1, 0],
          ],
        ),
      uniform([4, 2, 3, 1]),
    ],
  ]);
});

describe('depthToSpace with channels first', () => {
  // tfjs's cpu kernel has channels last only: the gradient is that one, transposed.
  it('has the gradient of channels last, transposed', () => {
    const x = uniform([2, 2, 3, 8]);
    const dy = uniform([2, 4, 6, 2], { seed: 2 });
    const first = [0, 3, 1, 2];
    const gradient = tf.getGradient(tf.DepthToSpace).gradFunc;
    const last = gradient(dy, [x], { blockSize: 2, dataFormat: 'NHWC' })['x']?.() as Tensor;
    const got = gradient(tf.transpose(dy, first), [tf.transpose(x, first)], {
      blockSize: 2,
      dataFormat: 'NCHW',
    })['x']?.() as Tensor;
    expect([...got.dataSync()]).toEqual([...tf.transpose(last, first).dataSync()]);
  });
});

describe('depthwise convolution, to second order', () => {
  all([
    [
      'strided, same padding, two filters a channel',
      (x, w) => tf.depthwiseConv2d(x as Tensor4D, w as Tensor4D, 2, 'same'),
      images,
      uniform([3, 3, 2, 2], { seed: 8 }),
    ],
    [
      'valid, one filter a channel',
      (x, w) => tf.depthwiseConv2d(x as Tensor4D, w as Tensor4D, 1, 'valid'),
      images,
      uniform([2, 3, 2, 1], { seed: 8 }),
    ],
    [
      'dilated, valid',
      (x, w) => tf.depthwiseConv2d(x as Tensor4D, w as Tensor4D, 1, 'valid', 'NHWC', [2, 3]),
      images,
      uniform([2, 2, 2, 2], { seed: 8 }),
    ],
    [
      'dilated, same padding',
      (x, w) => tf.depthwiseConv2d(x as Tensor4D, w as Tensor4D, 1, 'same', 'NHWC', 2),
      images,
      uniform([2, 3, 2, 1], { seed: 8 }),
    ],
    [
      'separable',
      (x, w, p) => tf.separableConv2d(x as Tensor4D, w as Tensor4D, p as Tensor4D, 1, 'same'),
      images,
      uniform([3, 3, 2, 1], { seed: 8 }),
      uniform([1, 1, 2, 3], { seed: 9 }),
    ],
  ]);

  it('of channels first is that of channels last', () => {
    // tfjs's cpu kernel knows channels last only, so the gradient's own function is called.
    const gradient = tf.getGradient(tf.DepthwiseConv2dNative).gradFunc;
    const filter = uniform([3, 2, 2, 2], { seed: 8 });
    const attrs = { strides: 2, pad: 'same', dilations: 1 } as const;
    const dy = uniform([2, 2, 3, 4], { seed: 9 });
    const first = (x: Tensor): Tensor => tf.transpose(x, [0, 3, 1, 2]);
    const run = (x: Tensor, d: Tensor, dataFormat: string): Record<string, () => Tensor> =>
      gradient(d, [x, filter], { ...attrs, dataFormat });
    const [last, turned] = [run(images, dy, 'NHWC'), run(first(images), first(dy), 'NCHW')];
    expect([...turned['x']!().dataSync()]).toEqual([...first(last['x']!()).dataSync()]);
    expect([...turned['filter']!().dataSync()]).toEqual([...last['filter']!().dataSync()]);
  });
});

describe('batch norm, to second order', () => {
  const statistics = [
    uniform([2], { seed: 21 }),
    uniform([2], { seed: 22, low: 0.5, high: 1.5 }),
    uniform([2], { seed: 23 }),
    uniform([2], { seed: 24, low: 0.5, high: 1.5 }),
  ];
  all([
    [
      'by all five tensors',
      (x, mean, variance, offset, scale) => tf.batchNorm(x, mean, variance, offset, scale, 0.01),
      images,
      ...statistics,
    ],
    [
      'with the batch’s own statistics',
      (x, offset, scale) => {
        const { mean, variance } = tf.moments(x, [0, 1, 2]);
        return tf.batchNorm(x, mean, variance, offset, scale, 0.01);
      },
      images,
      statistics[2] as Tensor,
      statistics[3] as Tensor,
    ],
  ]);
});
