import * as tf from '@tensorflow/tfjs-core';

/**
 * (1 − gate)·old + gate·next, for a gate [] in [0, 1]: finite where both are. A gate of 1 gives exactly `next`, one of 0 exactly `old`, also where
 * `next` is not finite.
 */
export function blend(old: tf.Tensor, next: tf.Tensor, gate: tf.Tensor): tf.Tensor {
  const between = tf.add(tf.mul(old, tf.sub(1, gate)), tf.mul(next, gate));
  const forward = tf.where(tf.greaterEqual(gate, 1), next, between);
  return tf.where(tf.greater(gate, 0), forward, old);
}
