import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { GradientError } from './gradient-error.js';
import { toFloat } from './input-like.js';
import { unaryGradient } from './kernel-gradient.js';
import { stopGradient } from './stop-gradient.js';

/**
 * The logarithm of softmax, `x − log Σ exp x`, with gradients of any order.
 *
 * tfjs's own `tf.logSoftmax` is no kernel and has a fixed first gradient only: a second gradient through it is refused here.
 *
 * @param logits  any shape of rank ≥ 1
 * @param axis  the axis along which the exponentials of the result sum to 1; default: the last
 */
export function logSoftmax<T extends Tensor>(logits: T, axis = -1): T {
  const shifted = tf.sub(logits, stopGradient(tf.max(logits, axis, true)));
  return tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), axis, true)));
}

/** Gradients of the kernels `Softmax` and `LogSoftmax`, and of tfjs's operations `logSoftmax` and `losses.softmaxCrossEntropy`. */
export const softmaxGradients: readonly GradConfig[] = [
  unaryGradient<{ dim: number }>(
    tf.Softmax,
    (dy, logits, { dim }) => {
      const y = tf.softmax(toFloat(logits), dim);
      const weighted = tf.mul(dy, y);
      return tf.sub(weighted, tf.mul(tf.sum(weighted, dim, true), y));
    },
    'logits',
  ),
  unaryGradient<{ axis: number }>(
    tf.LogSoftmax,
    (dy, logits, { axis }) =>
      tf.sub(dy, tf.mul(tf.sum(dy, axis, true), tf.softmax(toFloat(logits), axis))),
    'logits',
  ),
  // Both operations below bring a gradient made of their saved output. tfjs looks up the name of the operation's scope first, so these come before it.
  {
    kernelName: 'logSoftmax__op',
    gradFunc: (dy, [logSoftmaxOfLogits]) => {
      refuseSecondOrder('tf.logSoftmax');
      const slope = dy as Tensor;
      const softmax = tf.exp(logSoftmaxOfLogits as Tensor);
      return { 0: () => tf.sub(slope, tf.mul(tf.sum(slope, -1, true), softmax)) };
    },
  },
  {
    kernelName: 'softmaxCrossEntropy__op', // −Σ labels · log softmax(logits), labels that sum to 1
    gradFunc: (dy, saved) => {
      refuseSecondOrder('tf.losses.softmaxCrossEntropy');
      const [labels, logProbability] = saved.map(toFloat) as [Tensor, Tensor];
      const slope = tf.expandDims(dy as Tensor, -1);
      return {
        0: () => tf.neg(tf.mul(slope, logProbability)),
        1: () => tf.mul(slope, tf.sub(tf.exp(logProbability), labels)),
      };
    },
  },
];

/** Their saved output is a constant on the tape, so a second gradient would be wrong without a word. */
function refuseSecondOrder(operation: string): void {
  if (tf.engine().state.gradientDepth === 0) return;
  throw new GradientError(
    'TFJS_GRADIENT_UNSUPPORTED',
    `${operation}: expected a first gradient, got a gradient inside another one.`,
    'Use logSoftmax from @lapyra/tfjs-onnx/gradients, which has gradients of any order.',
  );
}
