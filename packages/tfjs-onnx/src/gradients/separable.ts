// Resizing and average pooling are linear and act on each spatial axis apart: y = R · x · Cᵀ. Their gradients are the same with the matrices transposed,
// as matrix products, so any batch, any alignment and any order of gradient are right.
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** The weights of one axis: `[positions out][positions in]`. */
export type AxisWeights = readonly Float32Array[];

/**
 * The gradient by x of a product with one matrix along each spatial axis, y = R · x · Cᵀ for images.
 *
 * @param dy  [B, H', W', C] or [B, D', H', W', C]
 * @param weights  per spatial axis its matrix: positions out × positions in
 * @returns [B, H, W, C] or [B, D, H, W, C]
 */
export function separableGradient(dy: Tensor, ...weights: readonly AxisWeights[]): Tensor {
  let shape = [...dy.shape];
  let dx = dy;
  weights.forEach((matrix, i) => {
    const axis = i + 1;
    const [before, after] = [shape.slice(0, axis), shape.slice(axis + 1)];
    const lines = tf.reshape(dx, [size(before), matrix.length, size(after)]);
    dx = tf.matMul(transposed(matrix), lines);
    shape = [...before, inputSize(matrix), ...after];
  });
  return tf.reshape(dx, shape);
}

function size(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

function inputSize(weights: AxisWeights): number {
  return weights[0]?.length ?? 0;
}

function transposed(weights: AxisWeights): Tensor {
  const [out, length] = [weights.length, inputSize(weights)];
  const values = new Float32Array(length * out);
  weights.forEach((row, o) => row.forEach((weight, i) => (values[i * out + o] = weight)));
  return tf.tensor2d(values, [length, out]);
}
