import type { PixelScale } from '@lapyra/core';
import * as tf from '@tensorflow/tfjs-core';

/** Normalised images [B, H, W, C] as whole pixel values 0…255: rounded, half to even, and clipped. */
export function toPixels(images: tf.Tensor, { mean, scale }: PixelScale): tf.Tensor {
  const pixels = tf.add(tf.mul(images, tf.tensor1d([...scale])), tf.tensor1d([...mean]));
  return tf.clipByValue(tf.round(pixels), 0, 255);
}

/** Pixel values [B, H, W, C] as normalised ones. */
export function toNormalised(pixels: Float32Array, { mean, scale }: PixelScale): Float32Array {
  const channels = mean.length;
  return pixels.map((value, at) => {
    const channel = at % channels;
    return (value - mean[channel]!) / scale[channel]!;
  });
}
