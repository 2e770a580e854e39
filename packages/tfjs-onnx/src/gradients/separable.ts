// Resizing and average pooling are linear and act on rows and columns apart: y = R · x · Cᵀ. Their gradients are the same with both matrices transposed,
// as two matrix products, so any batch, any alignment and any order of gradient are right.
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** The weights of one axis: `[positions out][positions in]`. */
export type AxisWeights = readonly Float32Array[];

/**
 * The gradient by x of y = R · x · Cᵀ on the two spatial axes of an image batch.
 *
 * @param dy  [B, H', W', C]
 * @param rows  R: H' × H
 * @param columns  C: W' × W
 * @returns [B, H, W, C]
 */
export function separableGradient(dy: Tensor, rows: AxisWeights, columns: AxisWeights): Tensor {
  const [batch, outHeight, outWidth, channels] = dy.shape as [number, number, number, number];
  const [height, width] = [inputSize(rows), inputSize(columns)];
  const lines = tf.reshape(dy, [batch, outHeight, outWidth * channels]);
  const tall = tf.matMul(transposed(rows), lines); // [B, H, W' · C]
  const pixels = tf.reshape(tall, [batch * height, outWidth, channels]);
  const wide = tf.matMul(transposed(columns), pixels); // [B · H, W, C]
  return tf.reshape(wide, [batch, height, width, channels]);
}

function inputSize(weights: AxisWeights): number {
  return weights[0]?.length ?? 0;
}

function transposed(weights: AxisWeights): Tensor {
  const [out, size] = [weights.length, inputSize(weights)];
  const values = new Float32Array(size * out);
  weights.forEach((row, o) => row.forEach((weight, i) => (values[i * out + o] = weight)));
  return tf.tensor2d(values, [size, out]);
}
