// Activations. tfjs's own gradients of several save the output, or compare, and so lose or refuse the second gradient.
import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { sumTo, toFloat, zeroGradient } from './input-like.js';
import { kernelGradient, unaryGradient } from './kernel-gradient.js';

// The self-normalising pair of Klambauer et al. 2017, "Self-Normalizing Neural Networks"; float32 rounds them as the kernel does.
const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

/** Gradients of activations; at a kink the gradient is that of the negative side. */
export const activationGradients: readonly GradConfig[] = [
  unaryGradient(tf.Relu, (dy, x) => tf.mul(dy, tf.step(toFloat(x)))),
  unaryGradient(tf.Relu6, (dy, x) => {
    const value = toFloat(x);
    return tf.mul(dy, tf.sub(tf.step(value), tf.step(tf.sub(value, 6))));
  }),
  unaryGradient<{ alpha: number }>(tf.LeakyRelu, (dy, x, { alpha }) =>
    tf.mul(dy, tf.step(toFloat(x), alpha)),
  ),
  kernelGradient(tf.Prelu, ['x', 'alpha'], (dy, saved) => {
    const [x, alpha] = saved.map(toFloat) as [Tensor, Tensor];
    const negative = (value: Tensor, otherwise: Tensor): Tensor =>
      tf.where(tf.greater(x, 0), otherwise, value);
    return {
      x: () => negative(tf.mul(dy, alpha), dy),
      alpha: () => sumTo(negative(tf.mul(dy, x), zeroGradient(dy)), alpha.shape),
    };
  }),
  // exp(min(x, 0)) is 1 on the positive side and never overflows.
  unaryGradient(tf.Elu, (dy, x) => tf.mul(dy, tf.exp(tf.minimum(toFloat(x), 0)))),
  unaryGradient(tf.Selu, (dy, x) => {
    const value = toFloat(x);
    const negative = tf.mul(tf.exp(tf.minimum(value, 0)), SELU_ALPHA);
    return tf.mul(dy, tf.mul(tf.where(tf.greater(value, 0), 1, negative), SELU_SCALE));
  }),
  unaryGradient(tf.Sigmoid, (dy, x) => {
    const y = tf.sigmoid(toFloat(x));
    return tf.mul(dy, tf.mul(y, tf.sub(1, y)));
  }),
  unaryGradient(tf.Softplus, (dy, x) => tf.mul(dy, tf.sigmoid(toFloat(x)))),
  unaryGradient(tf.Tanh, (dy, x) => tf.mul(dy, tf.sub(1, tf.square(tf.tanh(toFloat(x)))))),
];
