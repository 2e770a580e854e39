import type { backend_util } from '@tensorflow/tfjs-core';

/** One number for both spatial axes, or one each. */
export type Pair = number | [number, number];

/** The shape of an image batch or of a filter. */
export type Shape4D = [number, number, number, number];

/** How windows move over the image, and how sizes that do not divide are rounded. */
export interface WindowAttrs {
  strides: Pair;
  pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** Attributes that `Conv2D` and its two gradient kernels share. */
export interface ConvAttrs extends WindowAttrs {
  dataFormat: 'NHWC' | 'NCHW';
}
