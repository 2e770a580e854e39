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
  /**
   * Parts into which input and output planes are split, each part of the output seeing only its own part of the input, as
   * in AlexNet (Krizhevsky et al. 2012). Divides `in` and `out`. @default 1
   */
  readonly groups?: number;
  /** @default true */
  readonly bias?: boolean;
  readonly initial?: LayerInitial;
}

/**
 * Convolution (without flipping the kernel): x [B, H, W, in] → [B, H', W', out] with
 * H' = ⌊(H + 2·padding − dilation·(kernel − 1) − 1)/stride⌋ + 1.
 *
 * State: `weight` [kernel, kernel, in/groups, out], `bias` [out]. Group g has the g-th part of the input planes and of the
 * output planes, in order, as in Torch.
 *
 * @throws {LapyraError} `LAPYRA_NN_OPTION`; in use `LAPYRA_NN_SHAPE`, `LAPYRA_NN_MISSING`
 */
export function conv2d(options: Conv2dOptions): Module {
  const { in: planes, out, kernel, initial = {} } = options;
  const { stride = 1, padding = 'same', dilation = 1, groups = 1, bias = true } = options;
  expectOption(
    'conv2d',
    [planes, out, kernel, stride, dilation, groups].every((value) => isWhole(value)),
    'whole numbers in, out, kernel, stride, dilation and groups ≥ 1',
    options,
  );
  expectOption(
    'conv2d',
    typeof padding === 'string' || isWhole(padding, 0),
    "padding 'same', 'valid' or a whole number ≥ 0",
    padding,
  );
  expectOption('conv2d', stride === 1 || dilation === 1, 'stride or dilation 1', options);
  expectOption(
    'conv2d',
    planes % groups === 0 && out % groups === 0,
    'groups that divide in and out',
    options,
  );
  const each = planes / groups;
  const convolve = (x: tf.Tensor4D, weight: tf.Tensor4D): tf.Tensor4D =>
    tf.conv2d(x, weight, stride, padding, 'NHWC', dilation);
  return {
    state: layerState([kernel, kernel, each, out], out, kernel * kernel * each, bias, initial),
    masks: () => ({}),
    apply: (state, x) => {
      const images = expectImages('conv2d', x, planes);
      const weight = expectTensor('conv2d', state, 'weight') as tf.Tensor4D;
      const y = groups === 1 ? convolve(images, weight) : grouped(images, weight, groups, convolve); // [B, H', W', out]
      return bias ? tf.add(y, expectTensor('conv2d', state, 'bias')) : y;
    },
  };
}

/** Convolutions of the parts of x [B, H, W, in] by the parts of the weights [k, k, in/groups, out], side by side. */
function grouped(
  x: tf.Tensor4D,
  weight: tf.Tensor4D,
  groups: number,
  convolve: (x: tf.Tensor4D, weight: tf.Tensor4D) => tf.Tensor4D,
): tf.Tensor4D {
  const weights = tf.split<tf.Tensor4D>(weight, groups, 3); // [k, k, in/groups, out/groups] each
  const parts = tf
    .split<tf.Tensor4D>(x, groups, 3)
    .map((part, group) => convolve(part, weights[group]!));
  return tf.concat(parts, 3);
}
