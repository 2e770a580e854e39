// Joining and splitting tensors.
import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { listGradient } from './kernel-gradient.js';

interface AxisAttrs {
  axis: number;
}

/** Gradients of `concat`, `stack`, `split` and `unstack`. */
export const concatGradients: readonly GradConfig[] = [
  listGradient<AxisAttrs>(tf.Concat, (dy, inputs, i, attrs) => {
    const axis = positive(attrs.axis, dy.rank);
    const sizes = inputs.map((input) => input.shape[axis] as number);
    const begin = sizes.slice(0, i).reduce((total, size) => total + size, 0);
    return part(dy, axis, begin, sizes[i] as number);
  }),
  listGradient<AxisAttrs>(tf.Pack, (dy, inputs, i, attrs) =>
    tf.reshape(part(dy, positive(attrs.axis, dy.rank), i, 1), (inputs[i] as Tensor).shape),
  ),
  joined(tf.SplitV, 'x', (dys, axis) => tf.concat(dys, axis)),
  joined(tf.Unpack, 'value', (dys, axis) => tf.stack(dys, axis)),
];

/** The gradient of a kernel that splits its input: the pieces' gradients put together again. */
function joined(
  kernel: string,
  input: string,
  join: (dys: Tensor[], axis: number) => Tensor,
): GradConfig {
  return {
    kernelName: kernel,
    inputsToSave: [input],
    gradFunc: (dy, [x], attrs) => ({
      [input]: () => {
        const dys = Array.isArray(dy) ? dy : [dy];
        return tf.reshape(join(dys, attrs['axis'] as number), (x as Tensor).shape);
      },
    }),
  };
}

function part(dy: Tensor, axis: number, begin: number, size: number): Tensor {
  return tf.slice(
    dy,
    dy.shape.map((_, i) => (i === axis ? begin : 0)),
    dy.shape.map((_, i) => (i === axis ? size : -1)),
  );
}

function positive(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
