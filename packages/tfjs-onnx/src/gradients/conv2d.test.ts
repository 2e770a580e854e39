import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { describe, it } from 'vitest';
import { checkGradients, uniform } from './check-gradients.test-support.js';
import { registerGradients } from './index.js';

registerGradients(); // another file's imports may have put tfjs's own back

type Pad = Parameters<typeof tf.conv2d>[3];
type Pair = number | [number, number];

const kernels: [string, [number, number], Pair, Pad, Pair][] = [
  ['valid', [3, 2], 1, 'valid', 1],
  ['same, odd filter', [3, 3], 1, 'same', 1],
  ['same, even filter', [2, 4], 1, 'same', 1],
  ['stride 2, same', [3, 3], 2, 'same', 1],
  ['stride 2, even filter, same', [4, 4], 2, 'same', 1],
  ['unequal strides, valid, rows left over', [2, 3], [2, 3], 'valid', 1],
  ['padding by a number', [3, 3], 2, 1, 1],
  [
    'padding by side',
    [3, 3],
    [1, 2],
    [
      [0, 0],
      [2, 0],
      [1, 3],
      [0, 0],
    ],
    1,
  ],
  ['dilated, valid', [2, 2], 1, 'valid', [2, 3]],
  ['dilated, same', [3, 3], 1, 'same', 2],
  [
    'dilated, more padding than the filter spans',
    [2, 2],
    1,
    [
      [0, 0],
      [3, 1],
      [0, 4],
      [0, 0],
    ],
    2,
  ],
];

describe('conv2d, to second order', () => {
  it.each(kernels)('%s', (_name, [kh, kw], strides, pad, dilations) => {
    const x = uniform([2, 5, 6, 2]);
    const filter = uniform([kh, kw, 2, 3], { seed: 2 });
    checkGradients(
      (a, b) => tf.conv2d(a as Tensor4D, b as Tensor4D, strides, pad, 'NHWC', dilations),
      [x, filter],
      { order: 2 },
    );
  });

  it.each([
    ['plain', 1],
    ['dilated', 2],
  ])('channels first, %s', (_name, dilations) => {
    const pad: Pad =
      dilations === 1
        ? 'same'
        : [
            [0, 0],
            [0, 0],
            [1, 2],
            [2, 0],
          ];
    checkGradients(
      (a, b) => tf.conv2d(a as Tensor4D, b as Tensor4D, 1, pad, 'NCHW', dilations),
      [uniform([2, 2, 5, 4]), uniform([3, 2, 2, 3], { seed: 2 })],
      { order: 2 },
    );
  });

  it('rounds sizes as asked', () => {
    checkGradients(
      (a, b) => tf.conv2d(a as Tensor4D, b as Tensor4D, 2, 1, 'NHWC', 1, 'ceil'),
      [uniform([1, 6, 6, 2]), uniform([3, 3, 2, 2], { seed: 2 })],
      { order: 2 },
    );
  });

  it('one image without a batch, and one-dimensional', () => {
    checkGradients(
      (a, b) => tf.conv2d(a as Tensor3D, b as Tensor4D, 1, 'same'),
      [uniform([4, 4, 1]), uniform([3, 3, 1, 2], { seed: 2 })],
    );
    checkGradients(
      (a, b) => tf.conv1d(a as Tensor3D, b as Tensor3D, 2, 'same'),
      [uniform([2, 7, 2]), uniform([3, 2, 2], { seed: 2 })],
      { order: 2 },
    );
  });
});

describe('conv2dTranspose, to second order', () => {
  it.each([
    ['stride 2, same', [4, 4], 2, 'same', [2, 6, 8, 3]],
    ['stride 1, valid', [3, 2], 1, 'valid', [2, 5, 5, 3]],
    ['unequal strides', [3, 3], [3, 2], 'same', [2, 8, 8, 3]],
  ] as const)('%s', (_name, [kh, kw], strides, pad, shape) => {
    checkGradients(
      (a, b) =>
        tf.conv2dTranspose(
          a as Tensor4D,
          b as Tensor4D,
          [...shape],
          typeof strides === 'number' ? strides : [...strides],
          pad,
        ),
      [uniform([2, 3, 4, 2]), uniform([kh, kw, 3, 2], { seed: 2 })],
      { order: 2 },
    );
  });
});

describe('fused operations of tfjs, to second order', () => {
  it.each(['linear', 'sigmoid'] as const)('conv2d with bias, %s', (activation) => {
    checkGradients(
      (x, filter, bias) =>
        tf.fused.conv2d({
          x: x as Tensor4D,
          filter: filter as Tensor4D,
          bias: bias,
          strides: 2,
          pad: 'same',
          activation,
        }),
      [uniform([2, 5, 4, 2]), uniform([3, 3, 2, 3], { seed: 2 }), uniform([3], { seed: 3 })],
      { order: 2 },
    );
  });

  it('matMul with bias', () => {
    checkGradients(
      (a, b, bias) => tf.fused.matMul({ a, b, bias, transposeB: true }),
      [uniform([2, 3]), uniform([4, 3], { seed: 2 }), uniform([4], { seed: 3 })],
      { order: 2 },
    );
  });
});
