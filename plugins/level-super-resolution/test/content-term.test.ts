// A feature net that can be reckoned by hand: the square of the sum of the colours, as pixels.
import type { FeatureNet } from '@lapyra/core';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { contentTerm } from '../src/content-term.js';
import { placeAt } from './make-level.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const net: FeatureNet = {
  name: 'test net',
  channels: 2,
  leastSize: [2, 1],
  layers: ['first', 'square'],
  classifier: null,
  weights: { gain: { dtype: 'float32', shape: [], data: Float32Array.of(0.01) } },
  apply: ({ gain }, pixels) => ({ square: tf.mul(tf.square(tf.sum(pixels, 3)), gain!) }),
};
const place = placeAt(
  [
    [1, 1],
    [2, 1],
  ],
  1,
  2,
); // pixel = 60 · value + 120

describe('contentTerm', () => {
  it('compares features of colours, not of normalised numbers', () => {
    const term = contentTerm(net, 'square', 7, place);
    expect(term).toMatchObject({ name: 'content', weight: 7, truth: ['image'] });
    expect(term.state).toEqual({
      gain: {
        shape: [],
        dtype: 'float32',
        role: 'frozen',
        initial: { values: Float32Array.of(0.01) },
      },
    });
    const image = tf.tensor4d([0, 0, 1, -1], [1, 2, 1, 2]); // colours 120 + 120 and 180 + 60
    const truth = { image: tf.tensor4d([-1, -1, 0, 1], [1, 2, 1, 2]) }; // 60 + 60 and 120 + 180
    const loss = term.loss(
      { output: image, image, low: null },
      truth,
      { gain: tf.scalar(0.01) },
      {
        downsample: (x) => x,
        upsample: (x) => x,
      },
    );
    // Squares ÷ 100: 576 and 576 against 144 and 900.
    expect(loss.dataSync()[0]).toBeCloseTo((432 ** 2 + 324 ** 2) / 2, 0);
  });

  it('refuses a layer that is not there, other channels, and images too small', () => {
    expect(() => contentTerm(net, 'sqare', 1, place)).toThrow(
      expect.objectContaining({
        code: 'LAPYRA_FEATURES_LAYER',
        message: "test net: expected a layer of first, square, got 'sqare'.",
        hint: 'Did you mean square?',
      }) as Error,
    );
    expect(() => contentTerm(net, 'square', 1, { ...place, channels: 3 })).toThrow(
      'test net: expected images of 2 channels, got 3.',
    );
    expect(() => contentTerm(net, 'square', 1, { ...place, size: [1, 1] })).toThrow(
      'test net: expected images of at least 2x1, got 1.',
    );
  });
});
