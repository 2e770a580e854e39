import {
  conditionWidth,
  type Draw,
  elementCount,
  type ImageBatch,
  imageBatch,
  LapyraError,
  type Level,
  type LevelData,
  type LevelViews,
  plainViews,
  type PlainTransform,
  type RandomStream,
  randomStream,
  sizeName,
  type TensorValue,
  whiten,
  type Whitening,
} from '@lapyra/core';
import { createConditionReader } from './condition-reader.js';
import { createCropReader } from './crop-reader.js';
import type { ImageSplit } from './image-splits.js';
import type { ImageStore } from './image-store.js';
import type { LevelJob } from './level-job.js';

export interface LevelViewsOptions {
  readonly level: Level;
  readonly transform: PlainTransform;
  readonly store: ImageStore;
  readonly whitening: Whitening;
  readonly job: Pick<LevelJob, 'sizes' | 'index'>;
}

/** Images as a level sees them, made on the host by the transform's plain code. */
export interface LevelImages extends LevelViews<ImageBatch> {
  /** The class as one-hot, or a caption's vector [n, width]; `null` if the pyramid has no condition. */
  readonly condition: Float32Array | null;
}

const AT_ONCE = 64;

/**
 * The views of the middle crops of some images, [n, …] each.
 *
 * @param captions draws which of an image's captions is its condition; `null`: the first
 */
export function readLevelImages(
  { level, transform, store, whitening, job }: LevelViewsOptions,
  split: ImageSplit,
  indices: readonly number[],
  captions: RandomStream | null = null,
): LevelImages {
  const crops = createCropReader(store, job.sizes.at(-1) ?? level.place.size);
  const parts: LevelViews<ImageBatch>[] = [];
  for (let start = 0; start < indices.length; start += AT_ONCE) {
    const some = indices.slice(start, start + AT_ONCE);
    const pixels = crops.centre(split, some);
    const image = whiten(pixels, [some.length, ...crops.crop, store.channels], whitening);
    parts.push(plainViews(transform, image, job.sizes, job.index));
  }
  const join = (part: keyof LevelViews<ImageBatch>): ImageBatch | null =>
    level.place.coarse || part === 'image' ? concatenate(parts.map((views) => views[part])) : null;
  const reader = createConditionReader(level, store);
  const condition = reader.width > 0 ? new Float32Array(indices.length * reader.width) : null;
  if (condition) reader.read(split, indices, captions, condition);
  return {
    image: join('image') ?? imageBatch([0, ...level.place.size, store.channels]),
    coarse: join('coarse'),
    low: join('low'),
    band: join('band'),
    condition,
  };
}

/** The training images for a level that fits itself. Captions are drawn anew at each reading. */
export function levelData(options: LevelViewsOptions, seed: number): LevelData {
  const { level, store } = options;
  const name = sizeName(level.place.size);
  let readings = 0;
  return {
    count: store.count.train,
    read: async (indices, parts) => {
      const captions = randomStream(seed, name, 'fit', 'caption', readings++);
      const views = readLevelImages(options, 'train', indices, captions);
      return Object.fromEntries(
        parts.map((part): [string, TensorValue] => [part, toTensor(level, views, part)]),
      );
    },
  };
}

function toTensor(level: Level, views: LevelImages, part: Draw['of'][number]): TensorValue {
  if (part === 'paired') {
    const [count] = views.image.shape;
    return { dtype: 'float32', shape: [count], data: new Float32Array(count).fill(1) };
  }
  const value = part === 'condition' ? views.condition : views[part];
  if (value === null)
    throw new LapyraError(
      'LAPYRA_LEVEL_PROGRAM',
      `level ${sizeName(level.place.size)}: expected parts that its place has, got '${part}'.`,
    );
  if (!(value instanceof Float32Array)) return { dtype: 'float32', ...value };
  const width = conditionWidth(level.place.condition);
  return { dtype: 'float32', shape: [value.length / width, width], data: value };
}

function concatenate(parts: readonly (ImageBatch | null)[]): ImageBatch | null {
  const all = parts.filter((part) => part !== null);
  const [first] = all;
  if (!first) return null;
  const count = all.reduce((sum, { shape }) => sum + shape[0], 0);
  const [, ...rest] = first.shape;
  const joined = imageBatch([count, ...rest]);
  let offset = 0;
  for (const { data } of all) {
    joined.data.set(data, offset);
    offset += data.length;
  }
  return joined.data.length === count * elementCount(rest) ? joined : null;
}
