import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { toFloat } from './input-like.js';
import { unaryGradient } from './kernel-gradient.js';

type Axes = number | number[] | null | undefined;

interface ReduceAttrs {
  axis?: Axes;
  /** What the kernel `Max` calls its axes. */
  reductionIndices?: Axes;
}

/** Gradients of reductions; where several elements share the extreme value, they share its gradient equally. */
export const reduceGradients: readonly GradConfig[] = [
  unaryGradient<ReduceAttrs>(tf.Sum, (dy, x, attrs) => spread(dy, x, axesOf(x, attrs))),
  unaryGradient<ReduceAttrs>(tf.Mean, (dy, x, attrs) => {
    const axes = axesOf(x, attrs);
    return spread(tf.div(dy, count(x, axes)), x, axes);
  }),
  unaryGradient<ReduceAttrs>(tf.Max, (dy, x, attrs) => extreme(dy, x, axesOf(x, attrs), tf.max)),
  unaryGradient<ReduceAttrs>(tf.Min, (dy, x, attrs) => extreme(dy, x, axesOf(x, attrs), tf.min)),
  unaryGradient<ReduceAttrs>(tf.Prod, (dy, x, attrs) => product(dy, x, axesOf(x, attrs))),
];

function axesOf(x: Tensor, attrs: ReduceAttrs): number[] {
  const axis = attrs.axis ?? attrs.reductionIndices;
  return tf.util.parseAxisParam(axis ?? x.shape.map((_, i) => i), x.shape);
}

function count(x: Tensor, axes: readonly number[]): number {
  return axes.reduce((total, axis) => total * (x.shape[axis] as number), 1);
}

/** `dy` with its reduced axes back, of size 1. */
function keepDims(dy: Tensor, x: Tensor, axes: readonly number[]): Tensor {
  return tf.reshape(
    dy,
    x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
  );
}

function spread(dy: Tensor, x: Tensor, axes: readonly number[]): Tensor {
  return tf.broadcastTo(keepDims(dy, x, axes), x.shape);
}

function extreme(dy: Tensor, x: Tensor, axes: number[], reduce: typeof tf.max): Tensor {
  const value = toFloat(x);
  const hits = tf.cast(tf.equal(value, reduce(value, axes, true)), 'float32');
  const share = tf.div(keepDims(dy, x, axes), tf.sum(hits, axes, true));
  return tf.mul(hits, share);
}

/** The product of all other elements, without division, so that zeros and further gradients are right. Memory: n² for n elements reduced. */
function product(dy: Tensor, x: Tensor, axes: readonly number[]): Tensor {
  const kept = x.shape.map((_, i) => i).filter((axis) => !axes.includes(axis));
  const order = [...kept, ...axes];
  const n = count(x, axes);
  const rows = tf.reshape(tf.transpose(toFloat(x), order), [-1, 1, n]); // [R, 1, n]
  const self = tf.cast(tf.reshape(tf.eye(n), [1, n, n]), 'bool');
  const others = tf.prod(tf.where(self, 1, rows), -1); // [R, n]
  const dx = tf.mul(tf.reshape(dy, [-1, 1]), others); // [R, n]
  const shape = order.map((axis) => x.shape[axis] as number);
  return tf.transpose(tf.reshape(dx, shape), tf.backend_util.getUndoAxesPermutation(order));
}
