// Texts and images in one space: the structured joint embedding of Reed et al. 2016, "Learning Deep Representations of
// Fine-Grained Visual Descriptions", with an image network that is trained beside the text's.
import { ALPHABET, charForward, charWeights, LONGEST, WIDTH } from '@lapyra/encoder-text';
import {
  adam,
  commit,
  conv2d,
  flatten,
  inference,
  leakyRelu,
  linear,
  pick,
  scoped,
  sequential,
  trainable,
  valueAndGrads,
  withoutPrefix,
  withPrefix,
} from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';

/** From images [B, side, side, 3] on [−1, 1] to vectors [B, WIDTH]. */
export function imageNetwork(side) {
  return scoped(
    'image.',
    sequential([
      ['conv1', conv2d({ in: 3, out: 24, kernel: 3, stride: 2 })],
      ['act1', leakyRelu(0.2)],
      ['conv2', conv2d({ in: 24, out: 48, kernel: 3, stride: 2 })],
      ['act2', leakyRelu(0.2)],
      ['flat', flatten()],
      ['out', linear({ in: (side / 4) ** 2 * 48, out: WIDTH })],
    ]),
  );
}

/**
 * One step: pairs of an image and its text, each of another name. A text and an image that do not belong together should have a
 * product that is smaller by 1 than that of either's own: mean of max(0, 1 + S_ij − S_ii) and of max(0, 1 + S_ji − S_ii).
 */
export function jointTraining({ side, pairs }) {
  const image = imageNetwork(side);
  const weightsOf = { ...withPrefix('text.', charWeights()), ...image.state };
  const optimiser = adam();
  const state = { ...weightsOf, ...optimiser.state(weightsOf, 'adam.') };
  const names = Object.keys(state);
  const program = {
    name: 'joint',
    reads: names,
    writes: names,
    inputs: {
      pixels: { dtype: 'float32', shape: [pairs, side, side, 3] },
      characters: { dtype: 'float32', shape: [pairs, LONGEST, ALPHABET.length] },
      rate: { dtype: 'float32', shape: [] },
    },
    outputs: { loss: 'float32', finite: 'float32' },
    run: (current, { pixels, characters, rate }) => {
      const weights = pick(current, trainable(weightsOf));
      const { loss, gradients } = valueAndGrads((given) => {
        const seen = image.apply(given, pixels, inference); // [pairs, WIDTH]
        const said = charForward(withoutPrefix('text.', given), characters); // [pairs, WIDTH]
        return hinge(tf.matMul(seen, said, false, true), pairs);
      }, weights);
      const next = optimiser.update({ prefix: 'adam.', weights, gradients, state: current, rate });
      return commit({
        state: current,
        next: { ...next.weights, ...next.state },
        losses: { loss },
      });
    },
  };
  return { state, program };
}

/** Of products [pairs, pairs] of images and texts, where the diagonal belongs together. */
export function hinge(products, pairs) {
  const diagonal = tf.eye(pairs);
  const own = tf.sum(tf.mul(products, diagonal), [1], true); // [pairs, 1]
  const other = tf.sub(1, diagonal);
  const byImage = tf.mul(tf.relu(tf.add(tf.sub(products, own), 1)), other);
  const byText = tf.mul(tf.relu(tf.add(tf.sub(products, tf.transpose(own)), 1)), other);
  return tf.mul(tf.add(tf.sum(byImage), tf.sum(byText)), 1 / (pairs * (pairs - 1)));
}
