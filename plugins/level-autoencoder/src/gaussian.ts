// What both levels need of the normal distribution: nats.
import * as tf from '@tensorflow/tfjs-core';

const HALF_LOG_2PI = Math.log(2 * Math.PI) / 2;

/** −log N(x; mean, e^logDeviation) of each image, summed: [B, …] → [B] nats; the deviation is broadcast. */
export function gaussianNats(x: tf.Tensor, mean: tf.Tensor, logDeviation: tf.Tensor): tf.Tensor {
  const off = tf.mul(tf.sub(x, mean), tf.exp(tf.neg(logDeviation)));
  const each = tf.add(tf.add(tf.mul(tf.square(off), 0.5), logDeviation), HALF_LOG_2PI);
  return tf.sum(each, axesBehindFirst(x));
}

/** KL(N(mean, e^logVariance) ‖ N(0, 1)) = ½ Σ (mean² + variance − log variance − 1): [B, …] → [B] nats. */
export function klToStandard(mean: tf.Tensor, logVariance: tf.Tensor): tf.Tensor {
  const each = tf.sub(tf.add(tf.square(mean), tf.exp(logVariance)), tf.add(logVariance, 1));
  return tf.mul(tf.sum(each, axesBehindFirst(mean)), 0.5);
}

function axesBehindFirst(x: tf.Tensor): number[] {
  return x.shape.map((_, axis) => axis).slice(1);
}
