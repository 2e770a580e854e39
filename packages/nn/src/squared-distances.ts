import * as tf from '@tensorflow/tfjs-core';
import { expectShape } from './expect.js';

/**
 * ‖aᵢ − bⱼ‖² for all pairs, as ‖a‖² + ‖b‖² − 2ab: one matrix product.
 *
 * In float32 the result is off by about 10⁻⁷ · (‖a‖² + ‖b‖²), and never below 0: right for finding who is near, not for
 * the distance of vectors that are nearly the same.
 *
 * @param a [n, d]
 * @param b [m, d]
 * @returns [n, m]
 * @throws {LapyraError} `LAPYRA_NN_SHAPE`
 */
export function squaredDistances(a: tf.Tensor, b: tf.Tensor): tf.Tensor2D {
  expectShape('squaredDistances', a, ['n', 'd']);
  expectShape('squaredDistances', b, ['m', a.shape[1]!]);
  const rows = tf.sum(tf.square(a), 1, true); // [n, 1]
  const columns = tf.reshape(tf.sum(tf.square(b), 1), [1, -1]); // [1, m]
  const products = tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, false, true); // [n, m]
  return tf.relu(tf.sub(tf.add(rows, columns), tf.mul(products, 2)));
}
