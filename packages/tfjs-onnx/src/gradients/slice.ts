import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { unaryGradient } from './kernel-gradient.js';
import { spreadStrided } from './strided.js';

interface SliceAttrs {
  begin: number | number[];
  size: number | number[];
}

interface StridedSliceAttrs {
  begin: number[];
  end: number[];
  strides: number[];
  beginMask: number;
  endMask: number;
  ellipsisMask: number;
  newAxisMask: number;
  shrinkAxisMask: number;
}

/** Gradients of slicing: zeros everywhere but at the elements taken. */
export const sliceGradients: readonly GradConfig[] = [
  unaryGradient<SliceAttrs>(tf.Slice, (dy, x, attrs) => {
    const [begin, size] = tf.slice_util.parseSliceParams(x, attrs.begin, attrs.size) as [
      number[],
      number[],
    ];
    const paddings = x.shape.map((total, axis): [number, number] => {
      const before = begin[axis] as number;
      return [before, total - before - (size[axis] as number)];
    });
    return tf.pad(dy, paddings);
  }),
  unaryGradient<StridedSliceAttrs>(tf.StridedSlice, stridedSlice),
];

function stridedSlice(dy: Tensor, x: Tensor, attrs: StridedSliceAttrs): Tensor {
  const { begin, end, strides } = tf.slice_util.sliceInfo(
    x.shape,
    attrs.begin,
    attrs.end,
    attrs.strides,
    attrs.beginMask,
    attrs.endMask,
    attrs.ellipsisMask,
    attrs.newAxisMask,
    attrs.shrinkAxisMask,
  );
  // With every axis of x, also those that the slice then drops, and without the new ones.
  const part = tf.reshape(dy, tf.slice_util.computeOutShape(begin, end, strides));
  return spreadStrided(part, x.shape, begin, strides);
}
