import * as tf from '@tensorflow/tfjs-core';
import { expectImages, expectOption, expectTensor, isWhole } from './expect.js';
import { type LayerInitial, layerState } from './initial.js';
import type { Module } from './module.js';

export interface Conv2dOptions {
  /** Number of input planes. */
  readonly in: number;
  /** Number of output planes. */
  readonly out: number;
  /** Side of the square kernel, in pixels. */
  readonly kernel: number;
  /** @default 1 */
  readonly stride?: number;
  /**
   * A number pads every side with as many zeros, as in Torch. `valid` is 0. `same` gives ⌈size/stride⌉ and pads the
   * right and the bottom more where the sum is odd, as in TensorFlow.
   *
   * @default 'same'
   */
  readonly padding?: 'same' | 'valid' | number;
  /** Distance between the taps of the kernel; one of stride and dilation must be 1. @default 1 */
  readonly dilation?: number;
  /** @default true */
  readonly bias?: boolean;
  readonly initial?: LayerInitial;
}

/**
 * Convolution (without flipping the kernel): x [B, H, W, in] → [B, H', W', out] with
 * H' = ⌊(H + 2·padding − dilation·(kernel − 1) − 1)/stride⌋ + 1.
 *
 * State: `weight` [kernel, kernel, in, out], `bias` [out].
 *
 * @throws {LapyraError} `LAPYRA_NN_OPTION`; in use `LAPYRA_NN_SHAPE`, `LAPYRA_NN_MISSING`
 */
export function conv2d(options: Conv2dOptions): Module {
  const { in: planes, out, kernel, initial = {} } = options;
  const { stride = 1, padding = 'same', dilation = 1, bias = true } = options;
  expectOption(
    'conv2d',
    [planes, out, kernel, stride, dilation].every((value) => isWhole(value)),
    'whole numbers in, out, kernel, stride and dilation ≥ 1',
    options,
  );
  expectOption(
    'conv2d',
    typeof padding === 'string' || isWhole(padding, 0),
    "padding 'same', 'valid' or a whole number ≥ 0",
    padding,
  );
  expectOption('conv2d', stride === 1 || dilation === 1, 'stride or dilation 1', options);
  return {
    state: layerState([kernel, kernel, planes, out], out, kernel * kernel * planes, bias, initial),
    masks: () => ({}),
    apply: (state, x) => {
      const images = expectImages('conv2d', x, planes);
      const weight = expectTensor('conv2d', state, 'weight') as tf.Tensor4D;
      const y = tf.conv2d(images, weight, stride, padding, 'NHWC', dilation); // [B, H', W', out]
      return bias ? tf.add(y, expectTensor('conv2d', state, 'bias')) : y;
    },
  };
}
