// Depthwise convolution and its two gradients, which are each other's transposes as those of conv2d.
import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, NamedAttrMap, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Pair, WindowAttrs } from './conv-attrs.js';
import { GradientError } from './gradient-error.js';
import { kernelGradient } from './kernel-gradient.js';

interface DepthwiseAttrs extends WindowAttrs {
  dilations: Pair;
  dataFormat?: 'NHWC' | 'NCHW';
}

/** Gradients of `depthwiseConv2d` and of its gradient kernels: NHWC, without dilation; others are refused by name. */
export const depthwiseConv2dGradients: readonly GradConfig[] = [
  kernelGradient<DepthwiseAttrs>(tf.DepthwiseConv2dNative, ['x', 'filter'], (dy, saved, attrs) => {
    refuseUnsupported(attrs);
    const [x, filter] = saved as [Tensor4D, Tensor4D];
    return {
      x: () => backpropInput(x.shape, dy, filter, attrs),
      filter: () => backpropFilter(x, dy, filter.shape, attrs),
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

function refuseUnsupported({ dilations, dataFormat }: DepthwiseAttrs): void {
  const dilated = !tf.backend_util.tupleValuesAreOne(dilations);
  if (!dilated && dataFormat !== 'NCHW') return;
  throw new GradientError(
    'TFJS_GRADIENT_UNSUPPORTED',
    `Gradient of DepthwiseConv2dNative: expected no dilation and NHWC, got ${dilated ? `dilations ${String(dilations)}` : 'NCHW'}.`,
    'Use conv2d, or transpose the images to NHWC.',
  );
}
