// What a band owes to what is already known: a linear regression of each of its values on a patch of the enlarged coarse
// image around it and, in a second one, on its neighbours above and to the left, as lossless image coders predict.
import { type ImageBatch, imageBatch, LapyraError, randomStream } from '@lapyra/core';
import { CholeskyDecomposition, Matrix } from 'ml-matrix';

/** Images to predict: what is known, and what is to be told from it. */
export interface PredictedBands {
  /** The enlarged coarse images [n, H, W, C]; `null` where there is nothing below. */
  readonly low: ImageBatch | null;
  /** [n, H, W, C]. */
  readonly band: ImageBatch;
}

export interface PredictorOptions {
  /** Side of the patch of `low`, odd. @default 5 */
  readonly side?: number;
  /** Positions, drawn at random, from which the regressions are learned. @default 40 000 */
  readonly samples?: number;
  readonly seed: number;
}

export interface BandPredictor {
  /** What the regression says of each value: [n, H, W, C]. */
  predict(bands: PredictedBands): ImageBatch;
}

export interface BandPredictors {
  /** From the patch of the enlarged coarse image; `null` where there is nothing below. */
  readonly fromCoarse: BandPredictor | null;
  /**
   * Also from the band's own values to the left, above left, above and above right, and those of earlier channels at the
   * same position: all that a decoder knows that goes through the band row by row.
   */
  readonly fromNeighbours: BandPredictor;
}

/** Keeps patches whose pixels determine each other from making the equations singular; relative to their variance. */
const RIDGE = 1e-6;
/** The same for images without any variance. */
const LEAST = 1e-150;

/**
 * Learn to predict bands, by least squares, a regression for each channel.
 *
 * @throws {LapyraError} `LAPYRA_SCORE_IMAGES` for no images
 */
export function fitBandPredictors(
  bands: PredictedBands,
  options: PredictorOptions,
): BandPredictors {
  const { side = 5, samples = 40_000, seed } = options;
  const [count, height, width, channels] = bands.band.shape;
  const positions = count * height * width;
  if (positions === 0)
    throw new LapyraError('LAPYRA_SCORE_IMAGES', 'prediction: expected images, got none.');
  const reader = featureReader(bands.low === null ? 0 : side, channels);
  const chosen =
    positions <= samples
      ? Int32Array.from({ length: positions }, (_, i) => i)
      : randomStream(seed, 'predictor', 'positions').integers(samples, positions);
  const found = moments(bands, reader, chosen);
  const { patch, known } = reader;
  const channelsOf = (inputs: (channel: number) => number): BandPredictor =>
    predictorOf(
      reader,
      Array.from({ length: channels }, (_, channel) =>
        regress(found, inputs(channel), known + channel),
      ),
    );
  return {
    fromCoarse: bands.low && channelsOf(() => patch),
    // Earlier channels stand right behind the features.
    fromNeighbours: channelsOf((channel) => known + channel),
  };
}

interface Regression {
  readonly weights: Float64Array;
  readonly offset: number;
}

/** Feature `target` from the first `inputs` ones. */
function regress({ means, covariance }: Moments, inputs: number, target: number): Regression {
  const a = covariance.subMatrix(0, inputs - 1, 0, inputs - 1);
  const b = covariance.subMatrix(0, inputs - 1, target, target);
  const ridge = (RIDGE * a.trace()) / inputs + LEAST;
  for (let i = 0; i < inputs; i += 1) a.set(i, i, a.get(i, i) + ridge);
  const weights = Float64Array.from(new CholeskyDecomposition(a).solve(b).to1DArray());
  const offset = weights.reduce(
    (sum, weight, i) => sum - weight * (means[i] as number),
    means[target] as number,
  );
  return { weights, offset };
}

function predictorOf(reader: FeatureReader, regressions: readonly Regression[]): BandPredictor {
  const channels = regressions.length;
  return {
    predict: (bands) => {
      const { shape } = bands.band;
      const predicted = imageBatch(shape);
      const values = new Float64Array(reader.known + channels);
      for (let position = 0; position < shape[0] * shape[1] * shape[2]; position += 1) {
        reader.read(bands, position, values);
        regressions.forEach(({ weights, offset }, channel) => {
          let sum = offset;
          for (let i = 0; i < weights.length; i += 1)
            sum += (weights[i] as number) * (values[i] as number);
          predicted.data[position * channels + channel] = sum;
        });
      }
      return predicted;
    },
  };
}

interface FeatureReader {
  /** Values of the patch; the neighbours' stand behind them. */
  readonly patch: number;
  /** Values of patch and neighbours; the band's own at the position are written behind them. */
  readonly known: number;
  read(bands: PredictedBands, position: number, into: Float64Array): void;
}

/** Rows and columns from a position to neighbours that come before it. */
const BEFORE = [
  [0, -1],
  [-1, -1],
  [-1, 0],
  [-1, 1],
] as const;

function featureReader(side: number, channels: number): FeatureReader {
  const reach = (side - 1) / 2;
  const patch = side * side * channels;
  return {
    patch,
    known: patch + BEFORE.length * channels,
    read: ({ low, band }, position, into) => {
      const [, height, width] = band.shape;
      const x = position % width;
      const y = Math.floor(position / width) % height;
      const first = position - y * width - x; // of the image
      let at = 0;
      const copy = (from: ImageBatch, row: number, column: number): void => {
        const start = (first + row * width + column) * channels;
        for (let c = 0; c < channels; c += 1, at += 1) into[at] = from.data[start + c] as number;
      };
      if (low)
        for (let i = -reach; i <= reach; i += 1)
          for (let j = -reach; j <= reach; j += 1)
            copy(low, clamp(y + i, height), clamp(x + j, width)); // the border goes on outside
      for (const [down, right] of BEFORE) {
        const [row, column] = [y + down, x + right];
        if (row >= 0 && column >= 0 && column < width) copy(band, row, column);
        else for (let c = 0; c < channels; c += 1, at += 1) into[at] = 0;
      }
      copy(band, y, x);
    },
  };
}

function clamp(at: number, length: number): number {
  return Math.max(0, Math.min(length - 1, at));
}

interface Moments {
  readonly means: Float64Array;
  readonly covariance: Matrix;
}

/** Means and covariance of features and band at some positions. */
function moments(bands: PredictedBands, reader: FeatureReader, positions: Int32Array): Moments {
  const dims = reader.known + bands.band.shape[3];
  const values = new Float64Array(dims);
  const means = new Float64Array(dims);
  for (const position of positions) {
    reader.read(bands, position, values);
    for (let i = 0; i < dims; i += 1)
      means[i] = (means[i] as number) + (values[i] as number) / positions.length;
  }
  const sums = new Float64Array(dims * dims);
  for (const position of positions) {
    reader.read(bands, position, values);
    for (let i = 0; i < dims; i += 1) {
      const off = (values[i] as number) - (means[i] as number);
      for (let j = i, at = i * dims + i; j < dims; j += 1, at += 1)
        sums[at] = (sums[at] as number) + off * ((values[j] as number) - (means[j] as number));
    }
  }
  const covariance = new Matrix(dims, dims);
  for (let i = 0; i < dims; i += 1)
    for (let j = i; j < dims; j += 1) {
      const value = (sums[i * dims + j] as number) / positions.length;
      covariance.set(i, j, value);
      covariance.set(j, i, value);
    }
  return { means, covariance };
}

/**
 * The share of the band's variance that a prediction explains: 1 − Σ(h − ĥ)² ÷ Σ(h − h̄)², with the mean h̄ of each
 * channel; below 0 where it does harm, `null` if the band does not vary.
 */
export function explainedShare(band: ImageBatch, predicted: ImageBatch): number | null {
  const channels = band.shape[3];
  const means = new Float64Array(channels);
  const per = band.data.length / channels;
  for (let i = 0; i < band.data.length; i += 1)
    means[i % channels] = (means[i % channels] as number) + (band.data[i] as number) / per;
  let left = 0;
  let total = 0;
  for (let i = 0; i < band.data.length; i += 1) {
    const value = band.data[i] as number;
    left += (value - (predicted.data[i] as number)) ** 2;
    total += (value - (means[i % channels] as number)) ** 2;
  }
  return total > 0 ? 1 - left / total : null;
}
