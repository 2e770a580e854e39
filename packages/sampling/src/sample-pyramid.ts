import {
  conditionWidth,
  drawNoiseByImage,
  type ImageBatch,
  imageBatch,
  LapyraError,
  randomStream,
  sameSize,
  sizeName,
  type TensorValue,
  type TensorValues,
} from '@lapyra/core';
import type { LevelRunner } from './level-runner.js';

export interface SampleOptions {
  /** Number of images. */
  readonly count: number;
  readonly seed: number;
  /** Another seed for some levels, by name: the composition stays, the detail of those levels is redrawn. */
  readonly reroll?: Readonly<Record<string, number>>;
  /** Start from this normalised image of some level's size, [1, h, w, C] for all or [count, h, w, C]. */
  readonly from?: ImageBatch;
  /** For a class-conditional pyramid: the class of each image, or one for all. Default: drawn by the seed. */
  readonly classes?: readonly number[];
  /** For a pyramid conditioned on embeddings: [count, width]. */
  readonly embeddings?: Float32Array;
  /** The image whose noise each image is drawn from. Default: its own. */
  readonly noiseOf?: readonly number[];
  /** Noise of some levels, given for all images: by the level's name, `noise.<name>` [1, …]. Default: drawn by the seed. */
  readonly given?: Readonly<Record<string, TensorValues>>;
  /** Images drawn at once. Images do not depend on it. @default 64 */
  readonly batch?: number;
}

/** What one level drew of one batch. */
export interface LevelImages {
  /** The level's name: its size. */
  readonly level: string;
  /** Index of the first image of the batch. */
  readonly first: number;
  /** Normalised, [B, H, W, C]. */
  readonly images: ImageBatch;
}

/**
 * Draw images level by level, from coarse to fine: each batch yields one result per level as soon as it is there.
 * The noise of an image is keyed by (seed, level, image index), so that image 7 is the same whatever the batch, and
 * the same on every engine up to rounding.
 *
 * @param levels from coarse to fine
 * @throws {LapyraError} `LAPYRA_SAMPLE_OPTIONS` if a seed, a level's name, a class or the start image does not fit
 */
export async function* samplePyramid(
  levels: readonly LevelRunner[],
  options: SampleOptions,
): AsyncGenerator<LevelImages, void, undefined> {
  const { count, batch = 64 } = options;
  checkOptions(levels, options);
  const start = options.from ? startLevel(levels, options.from) : 0;
  checkChain(levels, options.from ? start + 1 : 0);
  for (let first = 0; first < count; first += batch) {
    const size = Math.min(batch, count - first);
    const condition = conditionRows(levels, options, first, size);
    let image = options.from && rows(options.from, first, size);
    if (image) yield { level: levels[start]!.name, first, images: image };
    for (const level of levels.slice(image ? start + 1 : 0)) {
      const inputs: Record<string, TensorValue> = {
        ...noiseOf(level, options, first, size),
        ...condition,
      };
      if (image && level.place.coarse) {
        inputs['coarse'] = { dtype: 'float32', shape: image.shape, data: image.data };
      }
      const drawn = await level.run(inputs);
      image = imageBatch(drawn.shape, drawn.data as Float32Array);
      yield { level: level.name, first, images: image };
    }
  }
}

/** The images of the finest level, [count, H, W, C]. Options as for {@link samplePyramid}. */
export async function sampleImages(
  levels: readonly LevelRunner[],
  options: SampleOptions,
): Promise<ImageBatch> {
  const finest = levels.at(-1)!;
  const { size, channels } = finest.place;
  const perImage = size[0] * size[1] * channels;
  let all: ImageBatch | undefined;
  for await (const { level, first, images } of samplePyramid(levels, options)) {
    if (level !== finest.name) continue;
    if (images.shape[0] === options.count) return images;
    all ??= imageBatch([options.count, ...size, channels]);
    all.data.set(images.data, first * perImage);
  }
  return all!;
}

function noiseOf(
  level: LevelRunner,
  { seed, reroll, noiseOf: images, given }: SampleOptions,
  first: number,
  count: number,
): TensorValues {
  const fixed = given?.[level.name];
  if (fixed) return repeated(fixed, count);
  const draw = (image: number, length: number): TensorValues =>
    drawNoiseByImage(
      level.noise,
      image,
      length,
      reroll?.[level.name] ?? seed,
      'sample',
      level.name,
    );
  const drawn = images
    ? behindEachOther(images.slice(first, first + count).map((image) => draw(image, 1)))
    : draw(first, count);
  return Object.fromEntries(Object.entries(drawn).map(([name, value]) => [`noise.${name}`, value]));
}

/** The same for each of the images: [1, …] → [count, …]. */
function repeated(one: TensorValues, count: number): TensorValues {
  return behindEachOther(Array.from({ length: count }, () => one));
}

/** Images of [1, …] each as one batch. */
function behindEachOther(images: readonly TensorValues[]): TensorValues {
  const names = Object.keys(images[0] ?? {});
  return Object.fromEntries(
    names.map((name): [string, TensorValue] => {
      const { shape, data } = images[0]![name]!;
      const all = new Float32Array(images.length * data.length);
      images.forEach((image, at) => all.set(image[name]!.data, at * data.length));
      return [name, { dtype: 'float32', shape: [images.length, ...shape.slice(1)], data: all }];
    }),
  );
}

function conditionRows(
  levels: readonly LevelRunner[],
  { classes, embeddings, seed }: SampleOptions,
  first: number,
  count: number,
): TensorValues {
  const spec = levels[0]!.place.condition;
  const width = conditionWidth(spec);
  if (spec.kind === 'none') return {};
  if (spec.kind === 'embedding') {
    const data = embeddings!.slice(first * width, (first + count) * width);
    return { condition: { dtype: 'float32', shape: [count, width], data } };
  }
  const data = new Float32Array(count * width);
  for (let row = 0; row < count; row += 1) {
    const index = first + row;
    const drawn = classes
      ? classes[classes.length === 1 ? 0 : index]!
      : randomStream(seed, 'sample', 'class', index).integers(1, width)[0]!;
    data[row * width + drawn] = 1;
  }
  return { condition: { dtype: 'float32', shape: [count, width], data } };
}

function rows(images: ImageBatch, first: number, count: number): ImageBatch {
  const [given, height, width, channels] = images.shape;
  const one = height * width * channels;
  const picked = imageBatch([count, height, width, channels]);
  for (let row = 0; row < count; row += 1) {
    const at = given === 1 ? 0 : first + row;
    picked.data.set(images.data.subarray(at * one, (at + 1) * one), row * one);
  }
  return picked;
}

/** An export lacks the levels that run on the host: what is above such a gap has nothing to stand on. */
function checkChain(levels: readonly LevelRunner[], first: number): void {
  for (const [index, { name, place }] of levels.entries()) {
    if (index < first) continue;
    const below = levels[index - 1]?.place.size ?? null;
    if (!place.coarse && !below) continue;
    if (place.coarse && below && sameSize(place.coarse, below)) continue;
    refuse(
      `level ${name}: expected ${place.coarse ? `one of ${sizeName(place.coarse)}` : 'none'} below, got ${below ? sizeName(below) : 'none'}.`,
      'An export lacks levels that run on the host: draw from the run itself, or start from an image of the size below.',
    );
  }
}

function startLevel(levels: readonly LevelRunner[], from: ImageBatch): number {
  const [, height, width, channels] = from.shape;
  const at = levels.findIndex(
    ({ place }) => sameSize(place.size, [height, width]) && place.channels === channels,
  );
  if (at < 0) {
    const sizes = levels.map(({ name }) => name).join(', ');
    refuse(
      `from: expected an image of a level's size (${sizes}) with ${levels[0]!.place.channels} channels, got ${sizeName([height, width])} with ${channels}.`,
    );
  }
  return at;
}

function checkOptions(levels: readonly LevelRunner[], options: SampleOptions): void {
  const { count, from, reroll = {}, classes, embeddings, noiseOf: images, given = {} } = options;
  if (levels.length === 0) refuse('levels: expected at least one, got none.');
  if (!Number.isInteger(count) || count < 1)
    refuse(`count: expected a whole number of at least 1, got ${count}.`);
  const names = levels.map(({ name }) => name);
  if (images && images.length !== count)
    refuse(`noiseOf: expected ${count} images, got ${images.length}.`);
  for (const name of Object.keys(given)) {
    if (!names.includes(name))
      refuse(`given: expected a level of ${names.join(', ')}, got '${name}'.`);
  }
  for (const name of Object.keys(reroll)) {
    if (!names.includes(name))
      refuse(`reroll: expected a level of ${names.join(', ')}, got '${name}'.`);
  }
  if (from && from.shape[0] !== 1 && from.shape[0] !== count) {
    refuse(`from: expected 1 or ${count} images, got ${from.shape[0]}.`);
  }
  const spec = levels[0]!.place.condition;
  const width = conditionWidth(spec);
  if (classes) {
    if (spec.kind !== 'classes')
      refuse('classes: expected a class-conditional pyramid, got one without classes.');
    if (classes.length !== 1 && classes.length !== count)
      refuse(`classes: expected 1 or ${count}, got ${classes.length}.`);
    for (const value of classes) {
      if (!Number.isInteger(value) || value < 0 || value >= width)
        refuse(`classes: expected numbers from 0 to ${width - 1}, got ${value}.`);
    }
  }
  if (spec.kind === 'embedding' && embeddings?.length !== count * width) {
    refuse(
      `embeddings: expected ${count} × ${width} numbers, got ${embeddings?.length ?? 'none'}.`,
    );
  }
}

function refuse(message: string, hint?: string): never {
  throw new LapyraError('LAPYRA_SAMPLE_OPTIONS', message, hint === undefined ? {} : { hint });
}
