import { LRN, mul, matMul, pow, reshape, sub, add, square, tensor2d } from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { unaryGradient } from './kernel-gradient.js';

interface LrnAttrs {
  depthRadius: number;
  bias: number;
  alpha: number;
  beta: number;
}

/** Gradient of `localResponseNormalization`: with N = bias + α · Σ x² over near channels, dy · N^(−β) − 2αβ · x · Σ dy · x · N^(−β−1). */
export const lrnGradient: GradConfig = unaryGradient<LrnAttrs>(
  LRN,
  (dy, x, { depthRadius, bias, alpha, beta }) => {
    const near = (values: Tensor): Tensor => nearChannels(values, depthRadius);
    const n = add(mul(near(square(x)), alpha), bias);
    const shares = near(mul(mul(dy, x), pow(n, -beta - 1)));
    return sub(mul(dy, pow(n, -beta)), mul(mul(x, shares), 2 * alpha * beta));
  },
);

/** For each channel the sum over those at most `radius` away. */
function nearChannels(x: Tensor, radius: number): Tensor {
  const channels = x.shape.at(-1) as number;
  const band = new Float32Array(channels * channels).map((_, i) =>
    Math.abs(Math.floor(i / channels) - (i % channels)) <= radius ? 1 : 0,
  );
  const rows = matMul(reshape(x, [-1, channels]), tensor2d(band, [channels, channels]));
  return reshape(rows, x.shape);
}
