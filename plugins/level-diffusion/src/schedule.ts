// The cosine schedule in continuous time, and the two ways to tell noise from data that go with it (Salimans & Ho 2022).
import * as tf from '@tensorflow/tfjs-core';

/** How much of the data and of the noise is in x at a time. */
export interface Signal {
  /** α = cos(πt/2), √ᾱ in the notation of Ho et al. 2020. */
  readonly alpha: number;
  /** σ = sin(πt/2), √(1 − ᾱ). */
  readonly sigma: number;
}

/** At time t in [0, 1]: all data at 0, all noise at 1; α² + σ² = 1 throughout. */
export function signalAt(t: number): Signal {
  return { alpha: Math.cos((Math.PI * t) / 2), sigma: Math.sin((Math.PI * t) / 2) };
}

/** x = α·data + σ·noise and its velocity v = α·noise − σ·data, at times t [B]. */
export function diffuse(
  data: tf.Tensor,
  noise: tf.Tensor,
  t: tf.Tensor,
): { readonly x: tf.Tensor; readonly v: tf.Tensor } {
  const angle = tf.reshape(tf.mul(t, Math.PI / 2), [t.shape[0]!, 1, 1, 1]);
  const [alpha, sigma] = [tf.cos(angle), tf.sin(angle)];
  return {
    x: tf.add(tf.mul(data, alpha), tf.mul(noise, sigma)),
    v: tf.sub(tf.mul(noise, alpha), tf.mul(data, sigma)),
  };
}

/**
 * One step of DDIM without noise of its own (Song, Meng & Ermon 2021, η = 0): data and noise as v tells them, put together
 * anew with the shares of another time.
 */
export function ddimStep(x: tf.Tensor, v: tf.Tensor, from: Signal, to: Signal): tf.Tensor {
  const data = tf.sub(tf.mul(x, from.alpha), tf.mul(v, from.sigma));
  const noise = tf.add(tf.mul(x, from.sigma), tf.mul(v, from.alpha));
  return tf.add(tf.mul(data, to.alpha), tf.mul(noise, to.sigma));
}
