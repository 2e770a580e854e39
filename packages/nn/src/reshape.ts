import { elementCount, LapyraError } from '@lapyra/core';
import * as tf from '@tensorflow/tfjs-core';
import { type Module, stateless } from './module.js';

/** [B, …] → [B, n], row-major: images [B, H, W, C] are laid out in the order H, W, C (Torch's is C, H, W). */
export function flatten(): Module {
  return stateless((x) => reshapeEach(x, [elementCount(x.shape.slice(1))]));
}

/**
 * [B, …] → [B, …shape], row-major: a vector becomes images in the order H, W, C (Torch's is C, H, W).
 *
 * @throws {LapyraError} in use `LAPYRA_NN_SHAPE` if the numbers of elements differ
 */
export function reshape(shape: readonly number[]): Module {
  return stateless((x) => reshapeEach(x, shape));
}

function reshapeEach(x: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const [batch = 0, ...from] = x.shape;
  if (elementCount(from) !== elementCount(shape)) {
    throw new LapyraError(
      'LAPYRA_NN_SHAPE',
      `reshape: expected [B, …] with ${elementCount(shape)} elements per image, got [${x.shape.join(', ')}].`,
    );
  }
  return tf.reshape(x, [batch, ...shape]);
}
