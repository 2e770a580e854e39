import * as tf from '@tensorflow/tfjs-core';
import { expectImages, expectOption, isWhole } from './expect.js';
import { type Module, stateless } from './module.js';

/**
 * Repeat each pixel: [B, H, W, C] → [B, H·f, W·f, C].
 *
 * @throws {LapyraError} `LAPYRA_NN_OPTION`; in use `LAPYRA_NN_SHAPE`
 */
export function upsampleNearest(factor: number): Module {
  expectOption('upsampleNearest', isWhole(factor), 'a whole factor ≥ 1', factor);
  return stateless((x) => {
    const [batch, height, width, planes] = expectImages('upsampleNearest', x).shape;
    if (factor === 1) return x;
    // Copies side by side, because the gradient of tfjs's own resize is wrong on its cpu backend for batches.
    const pixels = tf.reshape(x, [batch, height * width, planes]); // [B, H·W, C]
    const wide = tf.concat(copies(pixels, factor), 2); // [B, H·W, f·C]
    const rows = tf.reshape(wide, [batch, height, width * factor * planes]);
    const tall = tf.concat(copies(rows, factor), 2); // [B, H, f·W·f·C]
    return tf.reshape(tall, [batch, height * factor, width * factor, planes]);
  });
}

function copies(x: tf.Tensor, count: number): tf.Tensor[] {
  return Array.from({ length: count }, () => x);
}
