import {
  axisMatrix,
  type AxisWeights,
  LapyraError,
  type LevelViews,
  type Resampling,
  type SeparableTransform,
  type Size,
  type TensorTransform,
  type WhiteningTensors,
} from '@lapyra/core';
import * as tf from '@tensorflow/tfjs-core';
import { expectImages, expectShape } from './expect.js';

/** What views are made of. */
export interface TransformParts extends Pick<TensorTransform, 'downsample' | 'upsample'> {
  /** Whether each scale is made from the next finer one; else every scale comes straight from the full-size image. */
  readonly chained: boolean;
}

/**
 * The `views` of a {@link TensorTransform}: whitening (pixels − mean) ÷ scale, then d, u and band in front of a level's
 * own program. Written once for all transforms.
 *
 * @returns throws {LapyraError} `LAPYRA_NN_SHAPE` if the pixels are not [B, H, W, C] of the finest size, and
 * `LAPYRA_TRANSFORM_SIZES` if there is no level of that index
 */
export function transformViews(parts: TransformParts): TensorTransform['views'] {
  const { downsample, upsample, chained } = parts;
  return (pixels, whitening, sizes, index): LevelViews<tf.Tensor> => {
    const size = sizes[index];
    const full = sizes.at(-1);
    if (!size || !full) {
      throw new LapyraError(
        'LAPYRA_TRANSFORM_SIZES',
        `views: expected a level from 0 to ${sizes.length - 1}, got ${index}.`,
      );
    }
    expectShape('views', pixels, ['B', ...full, 'C']);
    const whole = whiten(pixels, whitening);
    const scale = (from: tf.Tensor, at: number, to: number): tf.Tensor => {
      if (at === to) return from;
      if (!chained) return downsample(from, sizes[to] as Size);
      return scale(downsample(from, sizes[at - 1] as Size), at - 1, to);
    };
    const last = sizes.length - 1;
    const image = scale(whole, last, index); // [B, H, W, C]
    if (index === 0) return { image, coarse: null, low: null, band: null };
    const coarse = chained ? scale(image, index, index - 1) : scale(whole, last, index - 1); // [B, h, w, C]
    const low = upsample(coarse, size); // [B, H, W, C]
    return { image, coarse, low, band: tf.sub(image, low) };
  };
}

/** The tensor half of a separable transform: d and u as products with two small constant matrices. */
export function separableTensorTransform(plain: SeparableTransform): TensorTransform {
  const downsample = (image: tf.Tensor, size: Size): tf.Tensor =>
    resample('downsample', image, (from) => plain.downWeights(from, size));
  const upsample = (coarse: tf.Tensor, size: Size): tf.Tensor =>
    resample('upsample', coarse, (from) => plain.upWeights(from, size));
  return {
    downsample,
    upsample,
    join: (low, band) => tf.add(low, band),
    views: transformViews({ downsample, upsample, chained: plain.chained }),
  };
}

/** (pixels − mean) ÷ scale as flat rows: engines are slow at broadcasting over as few numbers as there are channels. */
function whiten(pixels: tf.Tensor, { mean, scale }: WhiteningTensors): tf.Tensor {
  const { shape } = expectImages('views', pixels);
  const [batch, height, width, channels] = shape;
  const length = height * width * channels;
  const spread = (map: tf.Tensor): tf.Tensor => {
    const [, rows = 1, columns = 1] = map.shape;
    const whole = rows === 1 && columns === 1 ? [1, 1] : [height, width];
    expectShape('whitening', map, [1, ...whole, channels]);
    return tf.reshape(tf.tile(map, [1, height / rows, width / columns, 1]), [1, length]); // [1, H·W·C]
  };
  const values = tf.cast(tf.reshape(pixels, [batch, length]), 'float32'); // [B, H·W·C]
  return tf.reshape(tf.div(tf.sub(values, spread(mean)), spread(scale)), shape);
}

function resample(
  subject: string,
  image: tf.Tensor,
  weights: (from: Size) => Resampling,
): tf.Tensor {
  const [batch, height, width, channels] = expectImages(subject, image).shape;
  const { height: rows, width: columns } = weights([height, width]);
  let result: tf.Tensor = image;
  if (rows.from !== rows.to) {
    const lines = tf.reshape(result, [batch, height, width * channels]); // [B, H, W·C]
    result = tf.matMul(matrix(rows), lines); // [h, H] · [B, H, W·C] = [B, h, W·C]
  }
  if (columns.from !== columns.to) {
    // Channels lie innermost: a matrix that keeps them apart makes this one product over all rows of the batch.
    const lines = tf.reshape(result, [batch * rows.to, width * channels]); // [B·h, W·C]
    result = tf.matMul(lines, matrix(columns, channels), false, true); // · [W·C, w·C] = [B·h, w·C]
  }
  return tf.reshape(result, [batch, rows.to, columns.to, channels]);
}

/** The weights as a constant [to·C, from·C] that treats each of C interleaved channels alike. */
function matrix(axis: AxisWeights, channels = 1): tf.Tensor2D {
  const { from, to } = axis;
  const single = axisMatrix(axis); // [to, from]
  const values = new Float32Array(to * channels * from * channels);
  single.forEach((weight, at) => {
    const row = Math.floor(at / from) * channels;
    const column = (at % from) * channels;
    for (let c = 0; c < channels; c += 1) values[(row + c) * from * channels + column + c] = weight;
  });
  return tf.tensor2d(values, [to * channels, from * channels]);
}
