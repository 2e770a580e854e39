// Losses of adversarial games other than cross-entropy, from raw scores of any shape; each is a mean, shape [].
import * as tf from '@tensorflow/tfjs-core';

/** (score − target)², the loss of LSGAN without its ½. Source: Mao et al. 2017. */
export function leastSquares(scores: tf.Tensor, target: tf.Tensor | number): tf.Scalar {
  return tf.mean(tf.square(tf.sub(scores, target)));
}

/** max(0, 1 − real) + max(0, 1 + fake). Source: Lim & Ye 2017. */
export function hingeDiscriminator(real: tf.Tensor, fake: tf.Tensor): tf.Scalar {
  return tf.add(tf.mean(tf.relu(tf.sub(1, real))), tf.mean(tf.relu(tf.add(1, fake))));
}

/** −fake. */
export function hingeGenerator(fake: tf.Tensor): tf.Scalar {
  return tf.neg(tf.mean(fake));
}

/** fake − real: minus the estimated distance. Source: Arjovsky et al. 2017. */
export function wassersteinCritic(real: tf.Tensor, fake: tf.Tensor): tf.Scalar {
  return tf.sub(tf.mean(fake), tf.mean(real));
}

/** −fake. */
export function wassersteinGenerator(fake: tf.Tensor): tf.Scalar {
  return tf.neg(tf.mean(fake));
}
