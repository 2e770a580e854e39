// How many bits a level needs to tell images that it was not trained on, beside two who know less.
import {
  dewhiten,
  type Engine,
  LapyraError,
  sizeName,
  type TensorValue,
  type TensorValues,
  transformGain,
} from '@lapyra/core';
import type { ImageSplit } from './image-splits.js';
import { type LevelImages, type LevelViewsOptions, readLevelImages } from './level-views.js';
import { pixelHistograms } from './scores/pixel-histograms.js';

export interface LevelLikelihoodOptions extends LevelViewsOptions {
  readonly engine: Engine;
  /** The state with which the level draws, by the sampler's names. */
  readonly state: TensorValues;
  /** Which images are told: the first `count` of them, their middle crops. */
  readonly split: ImageSplit;
  readonly count: number;
  /** Training images, the first ones, from which the independent pixels learn. Default: all. */
  readonly histogramImages?: number;
  /** Called now and then; may throw, to stop. */
  progress?(work: { readonly what: string; readonly done: number; readonly total: number }): void;
}

/** All in bits per dimension: for each number of an image, H·W·C in all. */
export interface LevelLikelihood {
  readonly images: number;
  readonly dimensions: number;
  /** −log₂ p of the level, the mean over the images. */
  readonly bits: number;
  /** Of that mean. */
  readonly standardError: number;
  /** Of pixels with a histogram each, counted on training images, one added to every count. */
  readonly independent: number;
  /** Of 256 values that are as probable as each other. */
  readonly uniform: 8;
}

const BATCH = 100;
const AT_ONCE = 1000;

/**
 * Measure a level that knows likelihoods on images of its own size, rounded to 8 bits.
 *
 * @throws {LapyraError} `LAPYRA_LIKELIHOOD_LEVEL` if it knows none, `LAPYRA_LIKELIHOOD_IMAGES` without images
 */
export async function levelLikelihood(options: LevelLikelihoodOptions): Promise<LevelLikelihood> {
  const { level, engine, state, split, count, store, progress } = options;
  const { place, likelihood } = level;
  const name = sizeName(place.size);
  if (!likelihood)
    throw new LapyraError(
      'LAPYRA_LIKELIHOOD_LEVEL',
      `level ${name}: expected one that knows how probable an image is, got one that only draws.`,
      { hint: 'Autoregressive levels know it.' },
    );
  const available = store.count[split];
  if (available === 0)
    throw new LapyraError(
      'LAPYRA_LIKELIHOOD_IMAGES',
      `likelihood: expected ${split} images, got a data set without any.`,
      { hint: 'Take the other split: test images, or those kept aside for validation.' },
    );
  if (!Number.isInteger(count) || count < 1 || count > available)
    throw new LapyraError(
      'LAPYRA_LIKELIHOOD_IMAGES',
      `likelihood: expected 1 to ${available} ${split} images, got ${count}.`,
    );
  const dimensions = place.size[0] * place.size[1] * place.channels;
  const gain = transformGain(options.transform, options.job.sizes, options.job.index);
  const pixelsOf = ({ image }: LevelImages): Uint8Array => dewhiten(image, options.whitening, gain);

  const histograms = pixelHistograms(dimensions);
  const learnt = Math.min(options.histogramImages ?? Infinity, store.count.train);
  for (let first = 0; first < learnt; first += AT_ONCE) {
    const some = range(first, Math.min(first + AT_ONCE, learnt));
    histograms.add(pixelsOf(readLevelImages(options, 'train', some)));
    progress?.({ what: 'counting pixels', done: first + some.length, total: learnt });
    await new Promise(setImmediate); // let messages in
  }

  const opened = await engine.open(
    Object.fromEntries(likelihood.reads.map((key) => [key, state[key]!])),
  );
  try {
    const bits = new Float64Array(count);
    const compiled = new Map<number, ReturnType<typeof opened.compile>>(); // by batch: the last may be smaller
    let independent = 0;
    for (let first = 0; first < count; first += BATCH) {
      const some = range(first, Math.min(first + BATCH, count));
      const views = readLevelImages(options, split, some);
      const program = compiled.get(some.length) ?? opened.compile(likelihood, some.length);
      compiled.set(some.length, program);
      const inputs = Object.keys(likelihood.inputs).map((key) => [key, given(views, key)] as const);
      const { logLikelihood } = await (await program).run(Object.fromEntries(inputs));
      logLikelihood!.data.forEach((nats, at) => {
        bits[first + at] = -nats / (dimensions * Math.LN2);
      });
      independent += histograms.bits(pixelsOf(views)).reduce((sum, one) => sum + one, 0);
      progress?.({ what: 'telling images', done: first + some.length, total: count });
      await new Promise(setImmediate);
    }
    const mean = bits.reduce((sum, one) => sum + one, 0) / count;
    const squares = bits.reduce((sum, one) => sum + (one - mean) ** 2, 0);
    return {
      images: count,
      dimensions,
      bits: mean,
      standardError: count > 1 ? Math.sqrt(squares / (count - 1) / count) : 0,
      independent: independent / count,
      uniform: 8,
    };
  } finally {
    await opened.dispose();
  }
}

function given(views: LevelImages, name: string): TensorValue {
  if (name === 'condition') {
    const [images] = views.image.shape;
    const data = views.condition!;
    return { dtype: 'float32', shape: [images, data.length / images], data };
  }
  // A likelihood that asks for anything else was refused when the level was checked.
  return { dtype: 'float32', ...views[name as 'image' | 'coarse' | 'low']! };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, at) => from + at);
}
