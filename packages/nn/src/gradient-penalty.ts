import { LapyraError } from '@lapyra/core';
import * as tf from '@tensorflow/tfjs-core';
import { expectShape } from './expect.js';
import { differentiate } from './value-and-grads.js';

/** Keeps the gradient of √ finite where a critic is flat. */
const TINY = 1e-12;

/**
 * WGAN-GP's penalty: the mean over the batch of (‖∂critic(x)/∂x‖₂ − 1)² at x = ε·real + (1 − ε)·fake. Use it inside the
 * loss of {@link valueAndGrads}; its own gradient is of second order, so the critic may use what has one (relu,
 * leakyRelu, conv2d, linear, tanh, …). Source: Gulrajani et al. 2017.
 *
 * @param critic [B, …] → scores [B] or [B, 1], each of its own image alone (no batch norm)
 * @param epsilon uniform on [0, 1): [B]
 * @throws {LapyraError} `LAPYRA_NN_SHAPE`, `LAPYRA_NN_NO_GRADIENT`
 */
export function gradientPenalty(
  critic: (x: tf.Tensor) => tf.Tensor,
  real: tf.Tensor,
  fake: tf.Tensor,
  epsilon: tf.Tensor,
): tf.Scalar {
  const [batch = 0, ...each] = real.shape;
  expectShape('gradientPenalty fake', fake, real.shape);
  expectShape('gradientPenalty epsilon', epsilon, [batch]);
  const share = tf.reshape(epsilon, [batch, ...each.map(() => 1)]);
  const between = tf.add(fake, tf.mul(share, tf.sub(real, fake))); // [B, …]
  const { grads } = differentiate(() => tf.sum(critic(between)), [between]);
  const [gradient] = grads;
  if (!gradient) {
    throw new LapyraError(
      'LAPYRA_NN_NO_GRADIENT',
      'gradientPenalty: expected a critic that depends on its input, got one that does not.',
    );
  }
  const axes = each.map((_, axis) => axis + 1);
  const norm = tf.sqrt(tf.add(tf.sum(tf.square(gradient), axes), TINY)); // [B]
  return tf.mean(tf.square(tf.sub(norm, 1)));
}
