// Images as vectors: what a layer of a level's trained network makes of them, and their own pixels.
import {
  conditionWidth,
  drawNoiseByImage,
  elementCount,
  type Engine,
  type Level,
  plainViews,
  type Size,
  type TensorProgram,
  type TensorValue,
  type TensorValues,
  type Transform,
  whiten,
  type Whitening,
} from '@lapyra/core';
import type { CropReader, ImageSplit } from '@lapyra/training';
import type { ImageSet } from './image-set.js';
import { poolToGrid } from './pool-to-grid.js';

/** Where images come from and how a level sees them. */
export interface LevelImages {
  readonly level: Level;
  readonly transform: Transform;
  readonly sizes: readonly Size[];
  /** Which of them is the level's. */
  readonly index: number;
  readonly whitening: Whitening;
  readonly crops: CropReader;
  /** Of the noise that a generator is given. */
  readonly seed: number;
}

/** Rows of numbers, one an image. */
export interface ImageVectors {
  readonly vectors: Float32Array;
  /** Shape of what one image gave, and of what a grid left of it. */
  readonly shape: readonly number[];
  readonly pooled: readonly number[];
}

const AT_ONCE = 200;

/**
 * The features of the middle crops of some images by one layer: maps larger than 4 × 4 are brought to that grid.
 *
 * A network that draws from noise is given some of each image's own, by the seed; one that is told a condition is told
 * none, a vector of zeros: the class of an image must not leak into its features.
 *
 * @param state the level's training state
 */
export async function layerVectors(
  images: LevelImages,
  engine: Engine,
  program: TensorProgram,
  state: TensorValues,
  split: ImageSplit,
  indices: readonly number[],
  tell: (done: number) => void,
): Promise<ImageVectors> {
  const opened = await engine.open(
    Object.fromEntries(program.reads.map((name) => [name, state[name]!])),
  );
  try {
    const compiled = new Map<number, ReturnType<typeof opened.compile>>();
    return await collect(
      indices,
      async (some, first) => {
        const one = compiled.get(some.length) ?? opened.compile(program, some.length);
        compiled.set(some.length, one);
        const seen = inputs(images, split, some, first);
        const wanted = Object.keys(program.inputs).map((name) => [name, seen[name]!] as const);
        return (await (await one).run(Object.fromEntries(wanted)))['features']!;
      },
      tell,
    );
  } finally {
    await opened.dispose();
  }
}

/** The images themselves, at the level's size and normalised, every pixel a number. */
export function pixelVectors(
  images: LevelImages,
  { split, indices }: Pick<ImageSet, 'split' | 'indices'>,
): Promise<ImageVectors> {
  return collect(indices, async (some, first) => {
    const { shape, data } = inputs(images, split, some, first)['image']!;
    return { dtype: 'float32', shape: [some.length, elementCount(shape.slice(1))], data };
  });
}

/** All that a network of a level may be given of some images, the first of which is the `first` of all. */
function inputs(
  { level, transform, sizes, index, whitening, crops, seed }: LevelImages,
  split: ImageSplit,
  indices: readonly number[],
  first: number,
): TensorValues {
  const { place, noise } = level;
  const count = indices.length;
  const shape = [count, ...crops.crop, place.channels];
  const whole = whiten(crops.centre(split, indices), shape, whitening);
  const views = plainViews(transform.plain, whole, sizes, index);
  const found: Record<string, TensorValue> = {};
  for (const part of ['image', 'coarse', 'low'] as const) {
    const view = views[part];
    if (view) found[part] = { dtype: 'float32', shape: view.shape, data: view.data };
  }
  const width = conditionWidth(place.condition);
  const none = new Float32Array(count * width);
  found['condition'] = { dtype: 'float32', shape: [count, width], data: none };
  const drawn = drawNoiseByImage(noise, first, count, seed, 'features', split);
  for (const [name, value] of Object.entries(drawn)) found[`noise.${name}`] = value;
  return found;
}

/** The rows of all images, a few hundred at a time. */
async function collect(
  indices: readonly number[],
  describe: (some: readonly number[], first: number) => Promise<TensorValue>,
  tell?: (done: number) => void,
): Promise<ImageVectors> {
  let vectors = new Float32Array(0);
  let shape: readonly number[] = [];
  let pooled: readonly number[] = [];
  for (let first = 0; first < indices.length; first += AT_ONCE) {
    const some = indices.slice(first, first + AT_ONCE);
    const found = await describe(some, first);
    const grid = poolToGrid(Float32Array.from(found.data), found.shape);
    [shape, pooled] = [found.shape.slice(1), grid.shape.slice(1)];
    const width = elementCount(pooled);
    if (first === 0) vectors = new Float32Array(indices.length * width);
    vectors.set(grid.data, first * width);
    tell?.(first + some.length);
  }
  return { vectors, shape, pooled };
}
