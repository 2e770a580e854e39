// Convolutions that differ in sizes, steps, padding and rounding, and kernels called by their names.
import * as tf from '@tensorflow/tfjs-core';

export type Inputs = Readonly<Record<string, tf.Tensor>>;
export type Pad = 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;

/** One kernel, with the attributes that tfjs's ops would give it. */
export const kernel = (name: string, inputs: Record<string, tf.Tensor>, attrs: object): tf.Tensor =>
  tf.engine().runKernel<tf.Tensor>(name, inputs, attrs as tf.NamedAttrMap);

export interface ConvCase {
  readonly x: readonly [number, number, number, number];
  readonly filter: readonly [number, number, number, number];
  readonly strides?: number | [number, number];
  readonly dilations?: number | [number, number];
  readonly pad: Pad;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

const explicit: tf.backend_util.ExplicitPadding = [[0, 0], [1, 2], [0, 1], [0, 0]]; // prettier-ignore

export const convCases: readonly [string, ConvCase][] = [
  ['valid', { x: [2, 6, 7, 3], filter: [3, 3, 3, 4], pad: 'valid' }],
  ['same', { x: [2, 6, 7, 3], filter: [3, 3, 3, 4], pad: 'same' }],
  ['same, even kernel', { x: [2, 6, 7, 3], filter: [4, 2, 3, 4], pad: 'same' }],
  ['padding by a number', { x: [2, 6, 7, 3], filter: [5, 5, 3, 2], pad: 2 }],
  ['padding beyond the kernel', { x: [2, 4, 4, 2], filter: [2, 2, 2, 3], pad: 2 }],
  ['explicit padding', { x: [2, 6, 7, 3], filter: [3, 3, 3, 4], pad: explicit }],
  [
    'stride 2 that leaves rows unread',
    { x: [2, 8, 7, 2], filter: [3, 3, 2, 3], strides: 2, pad: 'valid' },
  ],
  ['stride 2, same', { x: [2, 7, 8, 2], filter: [5, 5, 2, 3], strides: 2, pad: 'same' }],
  ['stride 3 x 2', { x: [2, 9, 8, 2], filter: [3, 4, 2, 3], strides: [3, 2], pad: 'valid' }],
  [
    'stride larger than the kernel',
    { x: [2, 8, 8, 2], filter: [1, 2, 2, 3], strides: 3, pad: 'valid' },
  ],
  ['1 x 1', { x: [2, 4, 4, 3], filter: [1, 1, 3, 5], pad: 'valid' }],
  ['the whole image', { x: [2, 4, 4, 3], filter: [4, 4, 3, 5], pad: 'valid' }],
  ['one channel in', { x: [2, 6, 6, 1], filter: [3, 3, 1, 4], pad: 'same' }],
  ['one channel out', { x: [2, 6, 6, 4], filter: [3, 3, 4, 1], pad: 'same' }],
  [
    'rounded up',
    { x: [2, 6, 6, 2], filter: [3, 3, 2, 3], strides: 2, pad: 0, dimRoundingMode: 'ceil' },
  ],
];

export const dilatedCases: readonly [string, ConvCase][] = [
  ['dilation 2', { x: [2, 8, 8, 2], filter: [3, 3, 2, 3], dilations: 2, pad: 'valid' }],
  [
    'dilation 2 x 3, same',
    { x: [2, 8, 9, 2], filter: [3, 2, 2, 3], dilations: [2, 3], pad: 'same' },
  ],
];

/** The kernel's attributes, channels last. */
export function attrsOf({ strides = 1, dilations = 1, pad, dimRoundingMode }: ConvCase): object {
  return { strides, dilations, pad, dataFormat: 'NHWC', dimRoundingMode };
}

export function outputShape(c: ConvCase, depthwise = false): number[] {
  const { strides = 1, dilations = 1, pad, dimRoundingMode } = c;
  return tf.backend_util.computeConv2DInfo(
    [...c.x],
    [...c.filter],
    strides,
    dilations,
    pad,
    dimRoundingMode,
    depthwise,
  ).outShape;
}
