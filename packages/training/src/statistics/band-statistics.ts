// What the images themselves say of a pyramid, before anything is trained: how sparse its bands are, how much of them the
// image below tells, and how many bits they hold, by the chain rule H[I₀] ≤ H[I_K] + Σ H[I_k | I_k+1].
import {
  type ImageBatch,
  imageBatch,
  LapyraError,
  plainViews,
  type PlainTransform,
  type Size,
  transformGain,
} from '@lapyra/core';
import { createCropReader } from '../crop-reader.js';
import type { ImageSplit } from '../image-splits.js';
import type { ImageStore } from '../image-store.js';
import { bandMoments } from './band-moments.js';
import {
  type BandPredictor,
  explainedShare,
  fitBandPredictors,
  type PredictedBands,
} from './band-predictor.js';
import { histogramCode } from './code-length.js';

export interface BandStatisticsOptions {
  readonly store: ImageStore;
  readonly transform: PlainTransform;
  /** Sizes of the pyramid, coarse to fine; the last is that of the crops. */
  readonly sizes: readonly Size[];
  /** Images from which predictors and codes are learned, and as many others on which they are measured, at most. */
  readonly images: number;
  readonly seed: number;
  /** After each level; the work may be long. */
  progress?(done: number, total: number): void;
}

/** Bits a pixel, all channels together: upper bounds of the entropy, each by another code. */
export interface PixelBits {
  /** Of the values by themselves: of pixels at the first level, else of the band. */
  readonly alone: number;
  /** Of what is left after predicting the band from the image below; `null` at the first level. */
  readonly fromCoarse: number | null;
  /** The same, predicted from the values above and to the left, and from earlier channels, too. */
  readonly fromNeighbours: number;
}

/** One level of the pyramid, in units of 8-bit pixels. */
export interface LevelStatistics {
  readonly size: Size;
  readonly coarse: Size | null;
  /** Of the band; at the first level, of the image. */
  readonly deviation: number;
  /** Of the band: 3 for normal, 6 for Laplacian numbers, more the sparser; `null` at the first level. */
  readonly kurtosis: number | null;
  /** Share of the band's values below a tenth of the deviation: 0.08 for normal, 0.13 for Laplacian numbers. */
  readonly small: number | null;
  /** Share of the band's variance that a linear regression on the image below explains; `null` at the first level. */
  readonly predictable: number | null;
  readonly bitsPerPixel: PixelBits;
  /** The least of these, for the whole image: an upper bound of H[I_k | I_k+1], or H[I_K]. */
  readonly bits: number;
}

export interface BandStatistics {
  /** From coarse to fine. */
  readonly levels: readonly LevelStatistics[];
  /** The sum of the levels' bits: an upper bound of H[I₀], bits an image. */
  readonly bits: number;
  /** The same bound without a pyramid: the finest image, predicted from its neighbours alone. */
  readonly directBits: number;
  /** 8 bits for each value of the finest image. */
  readonly rawBits: number;
  /** What was measured, and how. */
  readonly protocol: string;
}

/**
 * Measure the bands of a data set. At each level images are rounded to 8 bits, as a file would hold them, and bands are
 * those of the rounded images; so a code for the first level and for each band is one for the finest image.
 *
 * Predictors (5×5 patches of the enlarged image below) and codes (histograms) are learned from middle crops of training
 * images and measured on validation images, or on a fifth of the training images if none are kept aside.
 *
 * @throws {LapyraError} `LAPYRA_PREVIEW_IMAGES` for fewer than 2 images
 */
export async function bandStatistics(options: BandStatisticsOptions): Promise<BandStatistics> {
  const { store, transform, sizes, progress } = options;
  const chosen = chooseImages(store, options.images);
  const learn = pyramidOf(options, chosen.learn);
  const measure = pyramidOf(options, chosen.measure);
  const total = sizes.length + 1;
  const levels: LevelStatistics[] = [];
  for (const [index, size] of sizes.entries()) {
    const level = levelStatistics(learn[index]!, measure[index]!, options);
    levels.push({ size, coarse: sizes[index - 1] ?? null, ...level });
    progress?.(levels.length, total);
    await new Promise(setImmediate); // let interrupts in
  }
  const last = sizes.length - 1;
  const alone = ({ image }: QuantisedLevel): QuantisedLevel => ({ image, low: null });
  const direct = levelStatistics(alone(learn[last]!), alone(measure[last]!), options);
  progress?.(total, total);
  const [height, width] = sizes[last]!;
  return {
    levels,
    bits: levels.reduce((sum, { bits }) => sum + bits, 0),
    directBits: direct.bits,
    rawBits: 8 * height * width * store.channels,
    protocol: `${transform.id}, middle crops of ${height}×${width}; learned from ${chosen.learn.indices.length} training images, measured on ${chosen.measure.indices.length} ${chosen.kept ? 'validation images' : 'other training images'}, seed ${options.seed}`,
  };
}

interface ChosenImages {
  readonly split: ImageSplit;
  readonly indices: readonly number[];
}

function chooseImages(
  { count }: ImageStore,
  images: number,
): { readonly learn: ChosenImages; readonly measure: ChosenImages; readonly kept: boolean } {
  if (!Number.isInteger(images) || images < 2 || count.train + count.validation < 2)
    throw new LapyraError(
      'LAPYRA_PREVIEW_IMAGES',
      `preview: expected 2 or more images, got ${Math.min(images, count.train + count.validation)}.`,
    );
  const kept = count.validation > 0;
  const held = kept ? 0 : Math.max(1, Math.floor(count.train / 5));
  return {
    learn: { split: 'train', indices: spread(0, count.train - held, images) },
    measure: kept
      ? { split: 'validation', indices: spread(0, count.validation, images) }
      : { split: 'train', indices: spread(count.train - held, count.train, images) },
    kept,
  };
}

/** At most `wanted` whole numbers from `from` to below `to`, evenly: data sets may be ordered. */
function spread(from: number, to: number, wanted: number): number[] {
  const count = Math.min(wanted, to - from);
  return Array.from({ length: count }, (_, i) => from + Math.floor((i * (to - from)) / count));
}

/** A level's images as 8-bit pixels, and the enlarged 8-bit images below them. */
interface QuantisedLevel {
  readonly image: ImageBatch;
  readonly low: ImageBatch | null;
}

function pyramidOf(
  { store, transform, sizes }: BandStatisticsOptions,
  { split, indices }: ChosenImages,
): QuantisedLevel[] {
  const crop = sizes.at(-1)!;
  const pixels = createCropReader(store, crop).centre(split, indices);
  const full = imageBatch([indices.length, ...crop, store.channels], Float32Array.from(pixels));
  const images = sizes.map((_, index) => {
    const gain = transformGain(transform, sizes, index);
    const { shape, data } = plainViews(transform, full, sizes, index).image;
    return imageBatch(
      shape,
      data.map((value) => toByte(value / gain)),
    );
  });
  return images.map((image, index) => {
    const below = images[index - 1];
    if (!below) return { image, low: null };
    // Transforms such as Haar's brighten as they shrink: they are given what they would have made.
    const scaled = (batch: ImageBatch, factor: number): ImageBatch =>
      imageBatch(
        batch.shape,
        batch.data.map((value) => value * factor),
      );
    const up = transform.upsample(
      scaled(below, transformGain(transform, sizes, index - 1)),
      sizes[index]!,
    );
    return { image, low: scaled(up, 1 / transformGain(transform, sizes, index)) };
  });
}

function levelStatistics(
  learn: QuantisedLevel,
  measure: QuantisedLevel,
  { seed }: BandStatisticsOptions,
): Omit<LevelStatistics, 'size' | 'coarse'> {
  const refines = learn.low !== null;
  const channels = learn.image.shape[3];
  const known = toBands(learn);
  const measured = toBands(measure);
  const predictors = fitBandPredictors(known, { seed });
  const coded = (
    predictor: BandPredictor,
  ): { readonly bits: number; readonly share: number | null } => {
    const predicted = predictor.predict(measured);
    const code = [
      residuals(learn, predictor.predict(known)),
      residuals(measure, predicted),
    ] as const;
    return { bits: codedBits(...code, channels), share: explainedShare(measured.band, predicted) };
  };
  const coarse = predictors.fromCoarse && coded(predictors.fromCoarse);
  const neighbours = coded(predictors.fromNeighbours);
  const bitsPerPixel: PixelBits = {
    alone: codedBits(residuals(learn, null), residuals(measure, null), channels),
    fromCoarse: coarse?.bits ?? null,
    fromNeighbours: neighbours.bits,
  };
  const least = Math.min(...Object.values(bitsPerPixel).filter((bits) => bits !== null));
  const [, height, width] = measure.image.shape;
  const { deviation, kurtosis, small } = bandMoments(measured.band.data);
  return {
    deviation,
    kurtosis: refines ? kurtosis : null,
    small: refines ? small : null,
    predictable: coarse?.share ?? null,
    bitsPerPixel,
    bits: least * height * width,
  };
}

function toBands({ image, low }: QuantisedLevel): PredictedBands {
  if (!low) return { low, band: image };
  return {
    low,
    band: imageBatch(
      image.shape,
      image.data.map((value, i) => value - (low.data[i] as number)),
    ),
  };
}

/** Whole numbers from which, with low and prediction, the pixels follow: pixel − (low + prediction, rounded). */
function residuals({ image, low }: QuantisedLevel, predicted: ImageBatch | null): Float32Array {
  if (!low && !predicted) return image.data;
  return image.data.map(
    (value, i) => value - toByte((low?.data[i] ?? 0) + (predicted?.data[i] ?? 0)),
  );
}

/** Bits a pixel, each channel with a code of its own. */
function codedBits(learn: Float32Array, measure: Float32Array, channels: number): number {
  let bits = 0;
  for (let first = 0; first < channels; first += 1) {
    const every = { first, step: channels };
    bits += histogramCode(learn, every).bits(measure, every);
  }
  return bits;
}

function toByte(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)));
}
