import * as tf from '@tensorflow/tfjs-core';
import { expectShape } from './expect.js';

/**
 * Cross-entropy of a classifier from logits, mean over the images: −Σ t · log softmax(x), in nats.
 *
 * @param logits [B, classes], before the softmax
 * @param target [B, classes], rows that sum to 1: one-hot, or smoothed
 * @throws {LapyraError} `LAPYRA_NN_SHAPE`
 */
export function crossEntropy(logits: tf.Tensor, target: tf.Tensor): tf.Scalar {
  expectShape('crossEntropy', logits, ['B', 'classes']);
  expectShape('crossEntropy target', target, logits.shape);
  return tf.mean(tf.neg(tf.sum(tf.mul(target, tf.logSoftmax(logits)), -1)));
}
