import * as tf from '@tensorflow/tfjs-core';

const LARGEST = 3.4028234663852886e38; // the largest float32

/** Numbers of a tensor up to which a sum of its own takes longer than copying it. */
const SMALL = 4096;

/**
 * 1 if every value of every tensor is finite, else 0; shape []. One sum per large tensor, and one of all small ones: it is not
 * finite if any value is not, or if the values are so large that their sum is not.
 */
export function allFinite(tensors: readonly tf.Tensor[]): tf.Scalar {
  const floats = tensors.filter(({ dtype }) => dtype === 'float32');
  const small = floats.filter(({ size }) => size <= SMALL);
  const joined = small.length < 2 ? small : [tf.concat(small.map((x) => tf.reshape(x, [-1])))];
  // The small ones first: ONNX Runtime computes what the last sum needs before what the first does. Small ones wait for gradients of
  // all layers, and what the large ones' gradients need would stay in memory until then.
  const sums = [...joined, ...floats.filter(({ size }) => size > SMALL)].map((x) => tf.sum(x));
  const total = sums.length === 0 ? tf.scalar(0) : tf.addN(sums);
  return tf.cast(tf.lessEqual(tf.abs(total), LARGEST), 'float32'); // false for NaN
}
