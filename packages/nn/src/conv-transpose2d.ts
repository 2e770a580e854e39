import * as tf from '@tensorflow/tfjs-core';
import { expectImages, expectOption, expectTensor, isWhole } from './expect.js';
import { type LayerInitial, layerState } from './initial.js';
import type { Module } from './module.js';

export interface ConvTranspose2dOptions {
  /** Number of input planes. */
  readonly in: number;
  /** Number of output planes. */
  readonly out: number;
  /** Side of the square kernel, in pixels. */
  readonly kernel: number;
  /** @default 1 */
  readonly stride?: number;
  /** Pixels taken off every side of the output. @default 0 */
  readonly padding?: number;
  /** Rows and columns added at the bottom and the right, less than the stride. @default 0 */
  readonly outputPadding?: number;
  /** @default true */
  readonly bias?: boolean;
  readonly initial?: LayerInitial;
}

/**
 * The transpose of {@link conv2d} with Torch's geometry: x [B, H, W, in] → [B, H', W', out] with
 * H' = (H − 1)·stride − 2·padding + kernel + outputPadding.
 *
 * State: `weight` [kernel, kernel, out, in], `bias` [out]. The default initial counts in·kernel² inputs for one output,
 * as torch/nn `SpatialFullConvolution.lua` does (PyTorch counts out·kernel²).
 *
 * @throws {LapyraError} `LAPYRA_NN_OPTION`; in use `LAPYRA_NN_SHAPE`, `LAPYRA_NN_MISSING`
 */
export function convTranspose2d(options: ConvTranspose2dOptions): Module {
  const { in: planes, out, kernel, initial = {} } = options;
  const { stride = 1, padding = 0, outputPadding = 0, bias = true } = options;
  const subject = 'convTranspose2d';
  expectOption(
    subject,
    [planes, out, kernel, stride].every((value) => isWhole(value)) &&
      isWhole(padding, 0) &&
      isWhole(outputPadding, 0),
    'whole numbers in, out, kernel and stride ≥ 1, padding and outputPadding ≥ 0',
    options,
  );
  expectOption(
    subject,
    outputPadding < stride,
    `outputPadding less than the stride ${stride}`,
    outputPadding,
  );
  const grown = (side: number): number =>
    (side - 1) * stride - 2 * padding + kernel + outputPadding;
  return {
    state: layerState([kernel, kernel, out, planes], out, kernel * kernel * planes, bias, initial),
    masks: () => ({}),
    apply: (state, x) => {
      const images = expectImages(subject, x, planes);
      const [batch, height, width] = images.shape;
      const weight = expectTensor(subject, state, 'weight') as tf.Tensor4D;
      const shape: [number, number, number, number] = [batch, grown(height), grown(width), out];
      const y = tf.conv2dTranspose(images, weight, shape, stride, padding); // [B, H', W', out]
      return bias ? tf.add(y, expectTensor(subject, state, 'bias')) : y;
    },
  };
}
