// Depthwise convolution and its two gradients, which are each other's transposes as those of conv2d.
import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, NamedAttrMap, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Pair, WindowAttrs } from './conv-attrs.js';
import { kernelGradient } from './kernel-gradient.js';
import { spreadStrided } from './strided.js';

interface DepthwiseAttrs extends WindowAttrs {
  dilations: Pair;
  dataFormat?: 'NHWC' | 'NCHW';
}

/** Gradients of `depthwiseConv2d`, dilated and of either layout too, and of its gradient kernels. */
export const depthwiseConv2dGradients: readonly GradConfig[] = [
  kernelGradient<DepthwiseAttrs>(tf.DepthwiseConv2dNative, ['x', 'filter'], (dy, saved, attrs) => {
    const [x, filter] = saved as [Tensor4D, Tensor4D];
    // The gradient kernels know neither: images go to NHWC, and dilation is zeros between the filter's taps.
    const first = attrs.dataFormat === 'NCHW';
    const last = (image: Tensor): Tensor => (first ? tf.transpose(image, [0, 2, 3, 1]) : image);
    const steps = [...pair(attrs.dilations), 1, 1];
    const dilated = steps.some((step) => step > 1);
    const start = steps.map(() => 0);
    const spread = filter.shape.map((size, axis) => (size - 1) * (steps[axis] as number) + 1);
    return {
      x: () => {
        const wide = dilated ? spreadStrided(filter, spread, start, steps) : filter;
        const dx = backpropInput(last(x).shape, last(dy), wide, attrs);
        return first ? tf.transpose(dx, [0, 3, 1, 2]) : dx;
      },
      filter: () => {
        const dw = backpropFilter(last(x), last(dy), spread, attrs);
        return dilated ? tf.stridedSlice(dw, start, spread, steps) : dw;
      },
    };
  }),
  kernelGradient<DepthwiseAttrs>(
    tf.DepthwiseConv2dNativeBackpropInput,
    ['dy', 'filter'],
    (ddx, saved, attrs) => {
      const [dy, filter] = saved as [Tensor4D, Tensor4D];
      return {
        dy: () => convolve(ddx, filter, attrs),
        filter: () => backpropFilter(ddx, dy, filter.shape, attrs),
      };
    },
  ),
  kernelGradient<DepthwiseAttrs>(
    tf.DepthwiseConv2dNativeBackpropFilter,
    ['x', 'dy'],
    (ddw, saved, attrs) => {
      const [x, dy] = saved as [Tensor4D, Tensor4D];
      return {
        x: () => backpropInput(x.shape, dy, ddw, attrs),
        dy: () => convolve(x, ddw, attrs),
      };
    },
  ),
];

function convolve(x: Tensor, filter: Tensor, attrs: DepthwiseAttrs): Tensor {
  const { strides, pad, dimRoundingMode } = attrs;
  return tf.depthwiseConv2d(
    x as Tensor4D,
    filter as Tensor4D,
    strides,
    pad,
    'NHWC',
    1,
    dimRoundingMode,
  );
}

function backpropInput(
  inputShape: number[],
  dy: Tensor,
  filter: Tensor,
  attrs: DepthwiseAttrs,
): Tensor {
  return run(tf.DepthwiseConv2dNativeBackpropInput, { dy, filter }, attrs, { inputShape });
}

function backpropFilter(
  x: Tensor,
  dy: Tensor,
  filterShape: number[],
  attrs: DepthwiseAttrs,
): Tensor {
  return run(tf.DepthwiseConv2dNativeBackpropFilter, { x, dy }, attrs, { filterShape });
}

function run(
  kernel: string,
  inputs: Record<string, Tensor>,
  { strides, pad, dimRoundingMode }: DepthwiseAttrs,
  shape: NamedAttrMap,
): Tensor {
  const rounding: NamedAttrMap = dimRoundingMode === undefined ? {} : { dimRoundingMode };
  return tf.engine().runKernel<Tensor>(kernel, inputs, {
    strides,
    dilations: [1, 1],
    pad,
    ...rounding,
    ...shape,
  });
}

function pair(value: Pair): number[] {
  return typeof value === 'number' ? [value, value] : value;
}
