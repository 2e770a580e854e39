import {
  type Engine,
  type ImageBatch,
  imageBatch,
  LapyraError,
  sizeName,
  type TensorValues,
} from '@lapyra/core';
import { createLevelSampler } from '../level-sampler.js';
import { type LevelImages, type LevelViewsOptions, readLevelImages } from '../level-views.js';
import { explainedShare, fitBandPredictors } from './band-predictor.js';
import { type NoiseVariance, noiseVarianceMeter } from './noise-variance.js';

export interface LevelNoiseOptions extends LevelViewsOptions {
  readonly engine: Engine;
  /** What the level draws with: its sampler's own state. */
  readonly state: TensorValues;
  readonly seed: number;
  /** Validation images whose true coarse images are drawn from, at most. */
  readonly images: number;
  /** Draws from each of them, at least 2. */
  readonly redraws: number;
  progress?(done: number, total: number): void;
}

/** How much of what a level draws its noise explains; variances in squared normalised units. */
export interface LevelNoise extends NoiseVariance {
  /** Variance of the true bands (at a first level: images) of the same images, between images. */
  readonly real: number;
  /**
   * The share of the true bands' variance that a linear regression on the image below leaves: what the image below does
   * not tell is at most this. `null` at a first level.
   */
  readonly realAtMost: number | null;
  /** Validation images and draws of each that it was measured on. */
  readonly images: number;
  readonly redraws: number;
}

/** Training images that teach what the image below tells. */
const TAUGHT_BY = 1000;

/**
 * Draw several times from each true coarse image of the validation set, with other noise each time, and split the
 * variance of the bands into that between the draws and that between the images.
 *
 * @throws {LapyraError} `LAPYRA_SCORE_IMAGES` for fewer than 2 validation images or draws, or draws that are not finite
 */
export async function measureLevelNoise(options: LevelNoiseOptions): Promise<LevelNoise> {
  const { level, store, engine, state, seed, redraws, progress } = options;
  const images = Math.min(options.images, store.count.validation);
  if (images < 2 || redraws < 2)
    throw new LapyraError(
      'LAPYRA_SCORE_IMAGES',
      `noise of level ${sizeName(level.place.size)}: expected two or more validation images and draws of each, got ${images} images, ${redraws} draws of each.`,
      { hint: 'data.validation says how many images are kept aside.' },
    );
  const views = readLevelImages(options, 'validation', [...Array(images).keys()]);
  const meter = noiseVarianceMeter();
  const sampler = await createLevelSampler(engine, level, state, seed);
  try {
    for (let round = 0; round < redraws; round += 1) {
      meter.add(bandOf(await sampler.draw(views, round), views, level.output));
      progress?.(round + 1, redraws);
    }
  } finally {
    await sampler.dispose();
  }
  return {
    ...meter.result(),
    real: variance(views.band ?? views.image),
    realAtMost: realAtMost(options, views),
    images,
    redraws,
  };
}

/** The band that was drawn, also by a level that gives images. */
function bandOf(drawn: ImageBatch, { low }: LevelImages, output: 'band' | 'image'): ImageBatch {
  if (output === 'band' || !low) return drawn;
  return imageBatch(
    drawn.shape,
    drawn.data.map((value, i) => value - (low.data[i] as number)),
  );
}

/** Sample variance between images, mean over positions. */
function variance({ shape, data }: ImageBatch): number {
  const [images] = shape;
  const positions = data.length / images;
  const means = new Float64Array(positions);
  for (let i = 0; i < data.length; i += 1)
    means[i % positions] = (means[i % positions] as number) + (data[i] as number) / images;
  let sum = 0;
  for (let i = 0; i < data.length; i += 1)
    sum += ((data[i] as number) - (means[i % positions] as number)) ** 2;
  return sum / (images - 1) / positions;
}

function realAtMost(options: LevelNoiseOptions, { low, band }: LevelImages): number | null {
  if (!low || !band) return null;
  const { train } = options.store.count;
  const count = Math.min(TAUGHT_BY, train);
  // Evenly over the set, which may be in order.
  const indices = Array.from({ length: count }, (_, i) => Math.floor((i * train) / count));
  const taught = readLevelImages(options, 'train', indices);
  if (!taught.low || !taught.band) return null;
  const { fromCoarse } = fitBandPredictors(
    { low: taught.low, band: taught.band },
    { seed: options.seed },
  );
  const share = fromCoarse && explainedShare(band, fromCoarse.predict({ low, band }));
  return share === null ? null : Math.min(1, 1 - share);
}
