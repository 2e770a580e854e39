// Convolution and its two gradients. Each is linear in either operand, and the three are each other's transposes, so gradients of any order are convolutions again.
import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, NamedAttrMap, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { ConvAttrs, Pair, Shape4D } from './conv-attrs.js';
import { dilatedFilterGradient, dilatedInputGradient } from './dilated-conv2d.js';
import { kernelGradient } from './kernel-gradient.js';

/** Gradients of `Conv2D` (strided, dilated), `Conv2DBackpropInput` (transposed convolution) and `Conv2DBackpropFilter`. */
export const conv2dGradients: readonly GradConfig[] = [
  kernelGradient<ConvAttrs & { dilations: Pair }>(
    tf.Conv2D,
    ['x', 'filter'],
    (dy, saved, attrs) => {
      const [x, filter] = saved as [Tensor4D, Tensor4D];
      const dilated = !tf.backend_util.tupleValuesAreOne(attrs.dilations);
      return {
        x: () =>
          dilated
            ? dilatedInputGradient(x.shape, dy as Tensor4D, filter, attrs)
            : backpropInput(x.shape, dy, filter, attrs),
        filter: () =>
          dilated
            ? dilatedFilterGradient(x, dy as Tensor4D, filter.shape, attrs)
            : backpropFilter(x, dy, filter.shape, attrs),
      };
    },
  ),
  kernelGradient<ConvAttrs>(tf.Conv2DBackpropInput, ['dy', 'filter'], (ddx, saved, attrs) => {
    const [dy, filter] = saved as [Tensor4D, Tensor4D];
    return {
      dy: () => convolve(ddx, filter, attrs),
      filter: () => backpropFilter(ddx, dy, filter.shape, attrs),
    };
  }),
  kernelGradient<ConvAttrs>(tf.Conv2DBackpropFilter, ['x', 'dy'], (ddw, saved, attrs) => {
    const [x, dy] = saved as [Tensor4D, Tensor4D];
    return {
      x: () => backpropInput(x.shape, dy, ddw, attrs),
      dy: () => convolve(x, ddw, attrs),
    };
  }),
];

function convolve(x: Tensor, filter: Tensor, attrs: ConvAttrs): Tensor {
  return tf.conv2d(
    x as Tensor4D,
    filter as Tensor4D,
    attrs.strides,
    attrs.pad,
    attrs.dataFormat,
    1,
    attrs.dimRoundingMode,
  );
}

function backpropInput(inputShape: Shape4D, dy: Tensor, filter: Tensor, attrs: ConvAttrs): Tensor {
  return run(tf.Conv2DBackpropInput, { dy, filter }, attrs, { inputShape });
}

function backpropFilter(x: Tensor, dy: Tensor, filterShape: Shape4D, attrs: ConvAttrs): Tensor {
  return run(tf.Conv2DBackpropFilter, { x, dy }, attrs, { filterShape });
}

function run(
  kernel: string,
  inputs: Record<string, Tensor>,
  { strides, pad, dataFormat, dimRoundingMode }: ConvAttrs,
  shape: NamedAttrMap,
): Tensor {
  const rounding: NamedAttrMap = dimRoundingMode === undefined ? {} : { dimRoundingMode };
  return tf.engine().runKernel<Tensor>(kernel, inputs, {
    strides,
    pad,
    dataFormat,
    ...rounding,
    ...shape,
  });
}
