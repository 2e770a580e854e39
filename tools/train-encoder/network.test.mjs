import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { hinge } from './network.mjs';

describe('hinge', () => {
  it('is the mean, over pairs that do not belong together, of what they lack of a margin of 1', () => {
    const products = tf.tensor2d([
      [2, 1.5, -1],
      [0, 3, 2.5],
      [1, 0, 1],
    ]);
    // By image: 1 + S_ij − S_ii in rows: 0.5, 0 | 0, 0.5 | 1, 0. By text, in columns: 1 + S_ij − S_jj.
    const byImage = 0.5 + 0 + 0 + 0.5 + 1 + 0;
    const byText = 0 + 0 + 0 + 0 + 0 + 2.5; // of column 0: 0 − 1 and 1 + 1 − 2; of column 1: 1.5 − 2, −2; of column 2: −1, 2.5
    expect(hinge(products, 3).dataSync()[0]).toBeCloseTo((byImage + byText) / 6, 6);
  });
});
