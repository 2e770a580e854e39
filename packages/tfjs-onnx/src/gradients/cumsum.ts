import { Cumsum, cumsum, type GradConfig } from '@tensorflow/tfjs-core';
import { unaryGradient } from './kernel-gradient.js';

interface CumsumAttrs {
  axis: number;
  exclusive: boolean;
  reverse: boolean;
}

/** Gradient of the running sum: the running sum of the gradient from the other end. */
export const cumsumGradient: GradConfig = unaryGradient<CumsumAttrs>(
  Cumsum,
  (dy, _x, { axis, exclusive, reverse }) => cumsum(dy, axis, exclusive, !reverse),
);
