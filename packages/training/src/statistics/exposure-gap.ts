// Levels train on true coarse images and draw from generated ones. How much worse each is on these, and at which level the
// quality of whole samples is lost.
import {
  drawNoiseByImage,
  type ImageBatch,
  imageBatch,
  LapyraError,
  type Level,
  type PlainTransform,
  type Size,
  sizeName,
  type TensorValue,
  type TensorValues,
  type Whitening,
} from '@lapyra/core';
import type { ImageStore } from '../image-store.js';
import { type LevelImages, readLevelImages } from '../level-views.js';
import { pyramidDistanceTo, pyramidProtocol } from '../scores/pyramid-wasserstein.js';
import { patchProtocol, projectPatches, slicedWasserstein } from '../scores/sliced-wasserstein.js';

export interface ExposureGapOptions {
  /** From coarse to fine. */
  readonly levels: readonly Level[];
  readonly transform: PlainTransform;
  readonly store: ImageStore;
  readonly whitening: Whitening;
  /** Validation images, at most; half of them are kept to compare real images with real ones. */
  readonly images: number;
  /** How often everything is drawn, with other noise each time. */
  readonly rounds: number;
  readonly seed: number;
  /**
   * What a level draws: its normalised image [B, H, W, C].
   *
   * @param inputs `coarse` if there is a level below, `condition` if there is one, `noise.<name>`
   */
  draw(index: number, inputs: TensorValues): Promise<TensorValue>;
  progress?(done: number, total: number): void;
}

/** A mean over rounds, and their standard deviation (0 for one round). */
export interface Estimate {
  readonly mean: number;
  readonly deviation: number;
}

export interface ExposureGap {
  /** Validation images that each number is over, and rounds. */
  readonly images: number;
  readonly rounds: number;
  /** How levels are scored, and whole samples. */
  readonly protocol: { readonly levels: string; readonly whole: string };
  /** The refining levels, from coarse to fine. */
  readonly levels: readonly LevelGap[];
  readonly whole: WholeSamples;
}

/** How far a level's bands are from true ones. */
export interface LevelGap {
  readonly level: string;
  /** Given true coarse images, as in training. */
  readonly onTrue: Estimate;
  /** Given coarse images that the levels below have drawn, as in sampling. */
  readonly onGenerated: Estimate;
  /** The difference, round by round. */
  readonly gap: Estimate;
  /** Real bands against others: what a perfect level would score. */
  readonly real: number;
}

/** How far whole samples are from real images, and where that distance comes from. */
export interface WholeSamples {
  /** All levels draw. */
  readonly drawn: Estimate;
  /** Real images against others. */
  readonly real: number;
  /** With true images in the place of what each level and those below it draw, from coarse to fine; the last is `real`. */
  readonly fromTrue: readonly { readonly level: string; readonly distance: Estimate }[];
  /** What each level adds to the distance: `drawn` is `real` and the sum of these. */
  readonly lost: readonly { readonly level: string; readonly distance: Estimate }[];
}

/** The fewest images that are compared. */
const LEAST = 2;
const BATCH = 64;

/**
 * Draw from every level of a pyramid, given what the levels below draw, and given true images; score each with the same
 * noise.
 *
 * @throws {LapyraError} `LAPYRA_SCORE_IMAGES` for fewer than 4 validation images, or a pyramid of one level
 */
export async function measureExposureGap(options: ExposureGapOptions): Promise<ExposureGap> {
  const { levels, transform, store, seed, rounds, progress } = options;
  const images = Math.min(options.images, Math.floor(store.count.validation / 2));
  if (images < LEAST || levels.length < 2)
    throw new LapyraError(
      'LAPYRA_SCORE_IMAGES',
      `gap: expected two or more levels and ${2 * LEAST} or more validation images, got ${levels.length} levels and ${store.count.validation} images.`,
      { hint: 'data.validation says how many images are kept aside.' },
    );
  const sizes = levels.map(({ place }) => place.size);
  const views = levels.map((level, index) => viewsOf(options, level, sizes, index, 0, images));
  const others = levels.map((level, index) =>
    viewsOf(options, level, sizes, index, images, images),
  );
  const subjects = views.map(({ band, image }) => projectPatches(band ?? image, { seed }));
  const score = (index: number, bands: ImageBatch): number =>
    1000 * slicedWasserstein(subjects[index]!, projectPatches(bands, { seed }));
  const finest = levels.length - 1;
  const measure = { transform, sizes, seed };
  const distance = pyramidDistanceTo(views[finest]!.image, measure);
  const real = distance(others[finest]!.image).whole;

  const onTrue: number[][] = levels.map(() => []);
  const onGenerated: number[][] = levels.map(() => []);
  /** By where truth ends: −1 for samples that are drawn altogether. */
  const whole = new Map<number, number[]>();
  const total = rounds * levels.length;
  for (let round = 0; round < rounds; round += 1) {
    for (let start = -1; start < finest; start += 1) {
      let image = start < 0 ? null : views[start]!.image;
      for (let index = start + 1; index <= finest; index += 1) {
        const coarse: ImageBatch | null = image;
        image = await drawLevel(options, index, coarse, views[index]!, round);
        if (!coarse) continue;
        const bands = subtract(image, transform.upsample(coarse, sizes[index] as Size));
        if (start < 0) onGenerated[index]!.push(score(index, bands));
        else if (index === start + 1) onTrue[index]!.push(score(index, bands));
      }
      const found = whole.get(start) ?? [];
      whole.set(start, [...found, distance(image!).whole]);
      progress?.(round * levels.length + start + 2, total);
    }
  }
  whole.set(finest, Array<number>(rounds).fill(real));
  const name = (index: number): string => sizeName(sizes[index] as Size);
  return {
    images,
    rounds,
    protocol: {
      levels: `sliced Wasserstein distance × 1000 of bands, ${patchProtocol({ seed })}`,
      whole: pyramidProtocol(measure),
    },
    levels: levels.slice(1).map((_, at) => {
      const index = at + 1;
      const [seen, met] = [onTrue[index]!, onGenerated[index]!];
      return {
        level: name(index),
        onTrue: estimate(seen),
        onGenerated: estimate(met),
        gap: estimate(met.map((value, round) => value - seen[round]!)),
        real: score(index, others[index]!.band!),
      };
    }),
    whole: {
      drawn: estimate(whole.get(-1)!),
      real,
      fromTrue: levels.map((_, index) => ({
        level: name(index),
        distance: estimate(whole.get(index)!),
      })),
      lost: levels.map((_, index) => {
        const before = whole.get(index - 1)!;
        const without = whole.get(index)!;
        return {
          level: name(index),
          distance: estimate(before.map((value, round) => value - without[round]!)),
        };
      }),
    },
  };
}

function viewsOf(
  { transform, store, whitening }: ExposureGapOptions,
  level: Level,
  sizes: readonly Size[],
  index: number,
  first: number,
  count: number,
): LevelImages {
  const indices = Array.from({ length: count }, (_, i) => first + i);
  const job = { sizes, index };
  return readLevelImages({ level, transform, store, whitening, job }, 'validation', indices);
}

/** What a level draws for the conditions of the validation images; the noise is the same whatever is below. */
async function drawLevel(
  { levels, seed, draw }: ExposureGapOptions,
  index: number,
  coarse: ImageBatch | null,
  { image: { shape }, condition }: LevelImages,
  round: number,
): Promise<ImageBatch> {
  const { noise, place } = levels[index]!;
  const [count, ...rest] = shape;
  const drawn = imageBatch(shape);
  const rows = (data: Float32Array, first: number, last: number): Float32Array =>
    data.subarray((data.length / count) * first, (data.length / count) * last);
  for (let first = 0; first < count; first += BATCH) {
    const last = Math.min(count, first + BATCH);
    const key = [seed, 'gap', sizeName(place.size), round];
    const inputs: Record<string, TensorValue> = {};
    for (const [name, value] of Object.entries(
      drawNoiseByImage(noise, first, last - first, ...key),
    ))
      inputs[`noise.${name}`] = value;
    if (coarse) {
      const part = [last - first, ...coarse.shape.slice(1)];
      inputs['coarse'] = { dtype: 'float32', shape: part, data: rows(coarse.data, first, last) };
    }
    if (condition) {
      const width = condition.length / count;
      const data = rows(condition, first, last);
      inputs['condition'] = { dtype: 'float32', shape: [last - first, width], data };
    }
    const { data } = await draw(index, inputs);
    drawn.data.set(data as Float32Array, first * (drawn.data.length / count));
  }
  return imageBatch([count, ...rest], drawn.data);
}

function subtract(a: ImageBatch, b: ImageBatch): ImageBatch {
  return imageBatch(
    a.shape,
    a.data.map((value, i) => value - b.data[i]!),
  );
}

function estimate(values: readonly number[]): Estimate {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0 };
}
