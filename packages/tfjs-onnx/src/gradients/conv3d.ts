// Convolution of volumes and its two gradients. Each is linear in either operand, and the three are each other's transposes, so gradients of any order are
// convolutions again. A dilated one is that of a filter with zeros between its taps.
import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, NamedAttrMap, Tensor, Tensor5D } from '@tensorflow/tfjs-core';
import { kernelGradient } from './kernel-gradient.js';
import { spreadStrided } from './strided.js';

type Triple = number | [number, number, number];
type Shape5D = [number, number, number, number, number];

interface Conv3DAttrs {
  strides: Triple;
  pad: 'valid' | 'same' | number;
  dilations?: Triple;
}

/** Gradients of `Conv3D` (strided, dilated), `Conv3DBackpropInputV2` (transposed convolution) and `Conv3DBackpropFilterV2`. */
export const conv3dGradients: readonly GradConfig[] = [
  kernelGradient<Conv3DAttrs>(tf.Conv3D, ['x', 'filter'], (dy, saved, attrs) => {
    const [x, filter] = saved as [Tensor5D, Tensor5D];
    const dilations = [...triple(attrs.dilations ?? 1), 1, 1];
    const spread = filter.shape.map(
      (size, i) => (size - 1) * (dilations[i] as number) + 1,
    ) as Shape5D;
    const dilated = dilations.some((n) => n > 1);
    const start = spread.map(() => 0);
    return {
      x: () => {
        const wide = dilated ? spreadStrided(filter, spread, start, dilations) : filter;
        return backpropInput(x.shape, dy, wide, attrs);
      },
      filter: () => {
        const dw = backpropFilter(x, dy, spread, attrs);
        return dilated ? tf.stridedSlice(dw, start, spread, dilations) : dw;
      },
    };
  }),
  kernelGradient<Conv3DAttrs>(tf.Conv3DBackpropInputV2, ['dy', 'filter'], (ddx, saved, attrs) => {
    const [dy, filter] = saved as [Tensor5D, Tensor5D];
    return {
      dy: () => convolve(ddx, filter, attrs),
      filter: () => backpropFilter(ddx, dy, filter.shape, attrs),
    };
  }),
  kernelGradient<Conv3DAttrs>(tf.Conv3DBackpropFilterV2, ['x', 'dy'], (ddw, saved, attrs) => {
    const [x, dy] = saved as [Tensor5D, Tensor5D];
    return {
      x: () => backpropInput(x.shape, dy, ddw, attrs),
      dy: () => convolve(x, ddw, attrs),
    };
  }),
];

function triple(value: Triple): number[] {
  return typeof value === 'number' ? [value, value, value] : value;
}

function convolve(x: Tensor, filter: Tensor, attrs: Conv3DAttrs): Tensor {
  return run(tf.Conv3D, { x, filter }, attrs, { dataFormat: 'NDHWC', dilations: [1, 1, 1] });
}

function backpropInput(
  inputShape: Shape5D,
  dy: Tensor,
  filter: Tensor,
  attrs: Conv3DAttrs,
): Tensor {
  return run(tf.Conv3DBackpropInputV2, { dy, filter }, attrs, { inputShape });
}

function backpropFilter(x: Tensor, dy: Tensor, filterShape: Shape5D, attrs: Conv3DAttrs): Tensor {
  return run(tf.Conv3DBackpropFilterV2, { x, dy }, attrs, { filterShape });
}

function run(
  kernel: string,
  inputs: Record<string, Tensor>,
  { strides, pad }: Conv3DAttrs,
  more: NamedAttrMap,
): Tensor {
  return tf.engine().runKernel<Tensor>(kernel, inputs, { strides, pad, ...more });
}
