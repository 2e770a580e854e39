import * as tf from '@tensorflow/tfjs-core';

/**
 * Binary cross-entropy from logits, mean over all elements: max(x, 0) − x·t + log(1 + e^−|x|).
 *
 * Computed as the same t·softplus(−x) + (1 − t)·softplus(x), whose gradient σ(x) − t is right at x = 0 too, where those
 * of max and |x| have a choice.
 *
 * @param logits any shape; before the sigmoid
 * @param target in [0, 1], of the same shape or one that spreads to it: 1 for real, 0 for generated. A generator's
 * non-saturating loss has target 1
 */
export function bceWithLogits(logits: tf.Tensor, target: tf.Tensor | number): tf.Scalar {
  if (target === 1) return tf.mean(tf.softplus(tf.neg(logits)));
  if (target === 0) return tf.mean(tf.softplus(logits));
  const real = tf.mul(target, tf.softplus(tf.neg(logits)));
  const generated = tf.mul(tf.sub(1, target), tf.softplus(logits));
  return tf.mean(tf.add(real, generated));
}
