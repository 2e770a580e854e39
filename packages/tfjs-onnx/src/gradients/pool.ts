// Pooling of images and volumes. Average pooling is separable. Maximum pooling goes tap by tap of the window: the first tap that holds the maximum gets
// the gradient. Made of slices and masks rather than of the kernels MaxPoolGrad and MaxPool3DGrad, it can be differentiated again.
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

type Triple = number | [number, number, number];

interface VolumePoolAttrs {
  filterSize: Triple;
  strides: Triple;
  pad: 'valid' | 'same' | number;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** How windows move along one spatial axis. */
interface Axis {
  readonly size: number;
  readonly out: number;
  readonly window: number;
  readonly stride: number;
  readonly before: number;
}

/** Below every finite float32: padding never is a maximum. */
const LOWEST = -3.4028234663852886e38;

/** Gradients of `avgPool` (padding does not count) and `maxPool`, of images and of volumes. */
export const poolGradients: readonly GradConfig[] = [
  unaryGradient<PoolAttrs>(tf.AvgPool, (dy, x, attrs) => meanGradient(dy, imageAxes(x, attrs))),
  unaryGradient<PoolAttrs>(tf.MaxPool, (dy, x, attrs) =>
    maximumGradient(dy, toFloat(x), imageAxes(x, attrs)),
  ),
  unaryGradient<VolumePoolAttrs>(tf.AvgPool3D, (dy, x, attrs) =>
    meanGradient(dy, volumeAxes(x, attrs)),
  ),
  unaryGradient<VolumePoolAttrs>(tf.MaxPool3D, (dy, x, attrs) =>
    maximumGradient(dy, toFloat(x), volumeAxes(x, attrs)),
  ),
];

function imageAxes(x: Tensor, attrs: PoolAttrs): Axis[] {
  const info = tf.backend_util.computePool2DInfo(
    x.shape as [number, number, number, number],
    attrs.filterSize,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
  );
  return [
    {
      size: info.inHeight,
      out: info.outHeight,
      window: info.filterHeight,
      stride: info.strideHeight,
      before: info.padInfo.top,
    },
    {
      size: info.inWidth,
      out: info.outWidth,
      window: info.filterWidth,
      stride: info.strideWidth,
      before: info.padInfo.left,
    },
  ];
}

function volumeAxes(x: Tensor, attrs: VolumePoolAttrs): Axis[] {
  const info = tf.backend_util.computePool3DInfo(
    x.shape as [number, number, number, number, number],
    attrs.filterSize,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
  );
  const depth: Axis = {
    size: info.inDepth,
    out: info.outDepth,
    window: info.filterDepth,
    stride: info.strideDepth,
    before: info.padInfo.front,
  };
  const rows: Axis = {
    size: info.inHeight,
    out: info.outHeight,
    window: info.filterHeight,
    stride: info.strideHeight,
    before: info.padInfo.top,
  };
  const columns: Axis = {
    size: info.inWidth,
    out: info.outWidth,
    window: info.filterWidth,
    stride: info.strideWidth,
    before: info.padInfo.left,
  };
  return [depth, rows, columns];
}

function meanGradient(dy: Tensor, axes: readonly Axis[]): Tensor {
  return separableGradient(dy, ...axes.map(shares));
}

/** Along one axis each window is the mean of the positions that it covers. */
function shares({ size, out, window, stride, before }: Axis): AxisWeights {
  return Array.from({ length: out }, (_, o) => {
    const first = Math.max(0, o * stride - before);
    const end = Math.max(first, Math.min(size, o * stride - before + window)); // some windows lie on padding alone
    return new Float32Array(size).fill(1 / (end - first), first, end);
  });
}

function maximumGradient(dy: Tensor, x: Tensor, axes: readonly Axis[]): Tensor {
  const padding = axes.map((axis): [number, number] => [axis.before, spaceAfter(axis)]);
  const padded = tf.pad(stopGradient(x), [[0, 0], ...padding, [0, 0]], LOWEST); // the choice of a tap has no gradient
  const taps = tapOffsets(axes);
  const masks = firstMaximum(taps.map((offsets) => takeEvery(padded, axes, offsets)));
  const strides = [1, ...axes.map(({ stride }) => stride), 1];
  const parts = taps.map((offsets, tap) =>
    spreadStrided(tf.mul(dy, masks[tap] as Tensor), padded.shape, [0, ...offsets, 0], strides),
  );
  return tf.slice(
    tf.addN(parts),
    [0, ...axes.map(({ before }) => before), 0],
    [-1, ...axes.map(({ size }) => size), -1],
  );
}

/** Padding as far as the windows reach; none if the input goes farther. */
function spaceAfter({ size, out, window, stride, before }: Axis): number {
  return Math.max((out - 1) * stride + window - size - before, 0);
}

/** The place of every tap in the window, the last axis fastest. */
function tapOffsets(axes: readonly Axis[]): number[][] {
  return axes.reduce<number[][]>(
    (offsets, { window }) =>
      offsets.flatMap((first) => Array.from({ length: window }, (_, next) => [...first, next])),
    [[]],
  );
}

function takeEvery(padded: Tensor, axes: readonly Axis[], offsets: readonly number[]): Tensor {
  const wholeAxes = 1 | (1 << (axes.length + 1)); // batch and channels
  const ends = axes.map(({ out, stride }, i) => (offsets[i] as number) + (out - 1) * stride + 1);
  return tf.stridedSlice(
    padded,
    [0, ...offsets, 0],
    [0, ...ends, 0],
    [1, ...axes.map(({ stride }) => stride), 1],
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
