import * as tf from '@tensorflow/tfjs-core';

/**
 * old + gate·(next − old), for a gate [] in [0, 1]. A gate of 1 gives exactly `next`, one of 0 exactly `old`, also where
 * `next` is not finite.
 */
export function blend(old: tf.Tensor, next: tf.Tensor, gate: tf.Tensor): tf.Tensor {
  const between = tf.add(old, tf.mul(tf.sub(next, old), gate));
  const forward = tf.where(tf.greaterEqual(gate, 1), next, between);
  return tf.where(tf.greater(gate, 0), forward, old);
}
