// Pooling. Average pooling is separable. Maximum pooling goes tap by tap of the window: the first tap that holds the maximum gets the gradient. Made of
// slices and masks rather than of the kernel MaxPoolGrad, it can be differentiated again.
import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import type { Pair, WindowAttrs } from './conv-attrs.js';
import { toFloat } from './input-like.js';
import { unaryGradient } from './kernel-gradient.js';
import { separableGradient, type AxisWeights } from './separable.js';
import { stopGradient } from './stop-gradient.js';
import { spreadStrided } from './strided.js';

interface PoolAttrs extends WindowAttrs {
  filterSize: Pair;
}

/** Below every finite float32: padding never is a maximum. */
const LOWEST = -3.4028234663852886e38;

/** Gradients of `avgPool` (padding does not count) and `maxPool`. */
export const poolGradients: readonly GradConfig[] = [
  unaryGradient<PoolAttrs>(tf.AvgPool, (dy, x, attrs) => {
    const info = poolInfo(x, attrs);
    return separableGradient(
      dy,
      shares(info.inHeight, info.outHeight, info.filterHeight, info.strideHeight, info.padInfo.top),
      shares(info.inWidth, info.outWidth, info.filterWidth, info.strideWidth, info.padInfo.left),
    );
  }),
  unaryGradient<PoolAttrs>(tf.MaxPool, (dy, x, attrs) => maxPoolGradient(dy, toFloat(x), attrs)),
];

function poolInfo(x: Tensor, attrs: PoolAttrs): tf.backend_util.Conv2DInfo {
  return tf.backend_util.computePool2DInfo(
    x.shape as [number, number, number, number],
    attrs.filterSize,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
  );
}

/** Along one axis each window is the mean of the positions that it covers. */
function shares(
  size: number,
  out: number,
  window: number,
  stride: number,
  before: number,
): AxisWeights {
  return Array.from({ length: out }, (_, o) => {
    const first = Math.max(0, o * stride - before);
    const end = Math.min(size, o * stride - before + window);
    return new Float32Array(size).fill(1 / (end - first), first, end);
  });
}

function maxPoolGradient(dy: Tensor, x: Tensor, attrs: PoolAttrs): Tensor {
  const { padInfo, ...info } = poolInfo(x, attrs);
  const { outHeight, outWidth, strideHeight, strideWidth, filterHeight, filterWidth } = info;
  const rows = extent(info.inHeight, outHeight, filterHeight, strideHeight, padInfo.top);
  const columns = extent(info.inWidth, outWidth, filterWidth, strideWidth, padInfo.left);
  const shape = [info.batchSize, rows.total, columns.total, info.inChannels];
  const begins: [number, number][] = Array.from(
    { length: filterHeight * filterWidth },
    (_, tap) => [Math.trunc(tap / filterWidth), tap % filterWidth],
  );

  const padded = tf.pad(
    stopGradient(x), // the choice of a tap has no gradient
    [
      [0, 0],
      [padInfo.top, rows.after],
      [padInfo.left, columns.after],
      [0, 0],
    ],
    LOWEST,
  );
  const masks = firstMaximum(
    begins.map(([row, column]) =>
      takeEvery(padded, row, column, outHeight, outWidth, strideHeight, strideWidth),
    ),
  );
  const strides = [1, strideHeight, strideWidth, 1];
  const parts = begins.map(([row, column], tap) =>
    spreadStrided(tf.mul(dy, masks[tap] as Tensor), shape, [0, row, column, 0], strides),
  );
  return tf.slice(
    tf.addN(parts),
    [0, padInfo.top, padInfo.left, 0],
    [-1, info.inHeight, info.inWidth, -1],
  );
}

/** How far the windows reach, or the input if that is farther. */
function extent(
  size: number,
  out: number,
  window: number,
  stride: number,
  before: number,
): { total: number; after: number } {
  const total = Math.max((out - 1) * stride + window, size + before);
  return { total, after: total - size - before };
}

function takeEvery(
  padded: Tensor,
  row: number,
  column: number,
  outHeight: number,
  outWidth: number,
  strideHeight: number,
  strideWidth: number,
): Tensor {
  const end = [row + (outHeight - 1) * strideHeight + 1, column + (outWidth - 1) * strideWidth + 1];
  const wholeAxes = 0b1001; // batch and channels
  return tf.stridedSlice(
    padded,
    [0, row, column, 0],
    [0, end[0] as number, end[1] as number, 0],
    [1, strideHeight, strideWidth, 1],
    wholeAxes,
    wholeAxes,
  );
}

/** For each tap 1 where it is the first to hold the largest value of all, else 0. */
function firstMaximum(taps: readonly Tensor[]): Tensor[] {
  const largest = taps.reduce((a, b) => tf.maximum(a, b));
  let free: Tensor = tf.onesLike(largest);
  return taps.map((tap) => {
    const hit = tf.mul(tf.cast(tf.equal(tap, largest), 'float32'), free);
    free = tf.sub(free, hit);
    return hit;
  });
}
