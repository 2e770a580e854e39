import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor3D, Tensor4D, Tensor5D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  checkGradients,
  distinct,
  uniform,
  type Differentiable,
} from './check-gradients.test-support.js';
import { registerGradients } from './index.js';

registerGradients(); // another file's imports may have put tfjs's own back

type Triple = [number, number, number];
type Case = [name: string, f: Differentiable, ...inputs: Tensor[]];

function all(cases: Case[], order: 1 | 2): void {
  it.each(cases)('%s', (_name, f, ...inputs) => checkGradients(f, inputs, { order }));
}

describe('pooling of volumes, to second order', () => {
  const pools: [string, Triple, Triple, 'valid' | 'same' | number][] = [
    ['windows that tile', [2, 2, 1], [2, 2, 1], 'valid'],
    ['same padding, windows higher than wide', [2, 3, 2], [2, 1, 2], 'same'],
    ['padding by a number', [3, 2, 2], [2, 2, 1], 1],
  ];
  describe.each(pools)('%s', (_name, window, strides, pad) => {
    all(
      [
        [
          'maxPool3d',
          (x) => tf.maxPool3d(x as Tensor5D, window, strides, pad),
          distinct([1, 3, 4, 3, 2]),
        ],
        [
          'avgPool3d',
          (x) => tf.avgPool3d(x as Tensor5D, window, strides, pad),
          uniform([1, 3, 4, 3, 2]),
        ],
      ],
      2,
    );
  });
});

describe('convolution of volumes, to second order', () => {
  const x = uniform([1, 3, 4, 3, 2], { seed: 3 });
  const filter = uniform([2, 2, 2, 2, 2], { seed: 4 });
  const conv =
    (strides: Triple | number, pad: 'valid' | 'same', dilations: Triple | number = 1) =>
    (a: Tensor, b: Tensor): Tensor =>
      tf.conv3d(a as Tensor5D, b as Tensor5D, strides, pad, 'NDHWC', dilations);
  all(
    [
      ['valid', conv(1, 'valid'), x, filter],
      ['same', conv(1, 'same'), x, filter],
      ['strides', conv([1, 2, 2], 'valid'), x, filter],
      ['strides, same', conv([2, 1, 2], 'same'), x, filter],
      ['dilated', conv(1, 'valid', [1, 2, 1]), x, filter],
      ['dilated, same', conv(1, 'same', [2, 1, 2]), x, filter],
      [
        'transposed',
        (a, b) =>
          tf.conv3dTranspose(a as Tensor5D, b as Tensor5D, [1, 4, 6, 4, 2], [2, 2, 2], 'same'),
        uniform([1, 2, 3, 2, 2], { seed: 5 }),
        filter,
      ],
    ],
    2,
  );
});

describe('local response normalisation, to second order', () => {
  const x = uniform([1, 2, 2, 5], { seed: 8 });
  const lrn =
    (radius: number, bias: number, alpha: number, beta: number) =>
    (v: Tensor): Tensor =>
      tf.localResponseNormalization(v as Tensor4D, radius, bias, alpha, beta);
  all(
    [
      ['by default', lrn(5, 1, 1, 0.5), x],
      ['near channels', lrn(1, 2, 0.5, 0.75), x],
      ['each channel on its own', lrn(0, 1, 2, 1), x],
    ],
    2,
  );
});

describe('dilation, to first order', () => {
  const x = distinct([1, 4, 5, 2], 9);
  const filter = uniform([2, 3, 2], { seed: 10, low: -0.02, high: 0.02 });
  const dilate =
    (strides: number, pad: 'valid' | 'same', dilations: number) =>
    (a: Tensor, b: Tensor): Tensor =>
      tf.dilation2d(a as Tensor4D, b as Tensor3D, strides, pad, dilations);
  all(
    [
      ['valid', dilate(1, 'valid', 1), x, filter],
      ['same, with strides', dilate(2, 'same', 1), x, filter],
      ['same, dilated', dilate(1, 'same', 2), x, filter],
    ],
    1,
  );

  it('refuses a second gradient by name', () => {
    const first = tf.grad((v: Tensor) => tf.square(dilate(1, 'valid', 1)(v, filter)));
    const second = tf.grad((v: Tensor) => tf.sum(tf.square(first(v))));
    expect(() => second(x)).toThrow(/not found for Dilation2DBackpropInput/);
  });
});
