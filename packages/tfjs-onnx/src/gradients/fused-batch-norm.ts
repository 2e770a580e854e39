import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { sumTo, toFloat } from './input-like.js';
import { kernelGradient } from './kernel-gradient.js';

/**
 * Gradient of `batchNorm`: y = (x − mean) / √(variance + ε) · scale + offset, by all five tensors.
 *
 * tfjs itself cannot differentiate a call that leaves out scale or offset.
 */
export const fusedBatchNormGradient: GradConfig = kernelGradient<{ varianceEpsilon: number }>(
  tf.FusedBatchNorm,
  ['x', 'mean', 'variance', 'scale'],
  (dy, saved, { varianceEpsilon }) => {
    const [x, mean, variance, scale] = saved.map(toFloat) as [Tensor, Tensor, Tensor, Tensor];
    const inverse = tf.rsqrt(tf.add(variance, varianceEpsilon)); // 1 / σ
    const slope = (): Tensor => tf.mul(dy, tf.mul(inverse, scale));
    const centred = (): Tensor => tf.sub(x, mean);
    return {
      x: slope,
      scale: () => sumTo(tf.mul(dy, tf.mul(centred(), inverse)), scale.shape),
      offset: () => sumTo(dy, scale.shape),
      mean: () => tf.neg(sumTo(slope(), mean.shape)),
      variance: () => {
        const byInverse = sumTo(tf.mul(slope(), centred()), variance.shape); // ∂/∂(1/σ) · 1/σ
        return tf.mul(byInverse, tf.mul(tf.square(inverse), -0.5));
      },
    };
  },
);
