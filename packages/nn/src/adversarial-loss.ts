// The games that two networks can play, from logits [B, 1].
import * as tf from '@tensorflow/tfjs-core';
import { hingeGenerator, leastSquares } from './adversarial-losses.js';
import { bceWithLogits } from './bce-with-logits.js';

/**
 * `cross-entropy`: the non-saturating game (Goodfellow et al. 2014). `hinge`: Lim & Ye 2017. `least-squares`: Mao et al.
 * 2017.
 */
export type AdversarialLossName = 'cross-entropy' | 'hinge' | 'least-squares';

export interface AdversarialLoss {
  /** What the discriminator pays for images that are real; a mean. */
  real(logits: tf.Tensor): tf.Scalar;
  /** What it pays for images that are not. */
  fake(logits: tf.Tensor): tf.Scalar;
  /** What the generator pays for its images. */
  fooling(logits: tf.Tensor): tf.Scalar;
}

export const adversarialLosses: Readonly<Record<AdversarialLossName, AdversarialLoss>> = {
  'cross-entropy': {
    real: (logits) => bceWithLogits(logits, 1),
    fake: (logits) => bceWithLogits(logits, 0),
    fooling: (logits) => bceWithLogits(logits, 1),
  },
  hinge: {
    real: (logits) => tf.mean(tf.relu(tf.sub(1, logits))),
    fake: (logits) => tf.mean(tf.relu(tf.add(1, logits))),
    fooling: hingeGenerator,
  },
  'least-squares': {
    real: (logits) => leastSquares(logits, 1),
    fake: (logits) => leastSquares(logits, 0),
    fooling: (logits) => leastSquares(logits, 1),
  },
};
