import * as tf from '@tensorflow/tfjs-core';

const LARGEST = 3.4028234663852886e38; // the largest float32

/**
 * 1 if every value of every tensor is finite, else 0; shape []. One sum per tensor: it is not finite if any value is not,
 * or if the values are so large that their sum is not.
 */
export function allFinite(tensors: readonly tf.Tensor[]): tf.Scalar {
  const sums = tensors.filter(({ dtype }) => dtype === 'float32').map((x) => tf.sum(x));
  const total = sums.length === 0 ? tf.scalar(0) : tf.addN(sums);
  return tf.cast(tf.lessEqual(tf.abs(total), LARGEST), 'float32'); // false for NaN
}
