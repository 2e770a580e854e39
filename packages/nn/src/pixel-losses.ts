// Losses between images, and of images alone; each is a mean, shape [].
import * as tf from '@tensorflow/tfjs-core';
import { expectImages } from './expect.js';

/** |a − b|. */
export function l1(a: tf.Tensor, b: tf.Tensor): tf.Scalar {
  return tf.mean(tf.abs(tf.sub(a, b)));
}

/** (a − b)². */
export function l2(a: tf.Tensor, b: tf.Tensor): tf.Scalar {
  return tf.mean(tf.square(tf.sub(a, b)));
}

/**
 * Total variation (anisotropic) of images [B, H, W, C]: the mean absolute difference of vertical neighbours plus that of
 * horizontal ones. A side of one pixel has no neighbours and counts 0.
 *
 * @throws {LapyraError} `LAPYRA_NN_SHAPE`
 */
export function totalVariation(images: tf.Tensor): tf.Scalar {
  const x = expectImages('totalVariation', images);
  const [batch, height, width, channels] = x.shape;
  const vertical = (from: number): tf.Tensor =>
    tf.slice(x, [0, from, 0, 0], [batch, height - 1, width, channels]);
  const horizontal = (from: number): tf.Tensor =>
    tf.slice(x, [0, 0, from, 0], [batch, height, width - 1, channels]);
  const parts: tf.Scalar[] = [];
  if (height > 1) parts.push(l1(vertical(1), vertical(0)));
  if (width > 1) parts.push(l1(horizontal(1), horizontal(0)));
  return parts.reduce((sum, part) => tf.add(sum, part), tf.scalar(0));
}
