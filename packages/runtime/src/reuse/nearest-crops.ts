import { elementCount, type Engine } from '@lapyra/core';
import type { CropReader, ImageStore } from '@lapyra/training';
import { allViews, type CropView, middleViews, readView } from './crop-views.js';
import type { ImageDescriber } from './image-describer.js';
import {
  createRanking,
  type DescribedImages,
  type Neighbour,
  nearestVectors,
} from './nearest-vectors.js';

export interface TrainingCrops {
  readonly store: ImageStore;
  readonly crops: CropReader;
  /** Whether training mirrors. */
  readonly flip: boolean;
}

const AT_ONCE = 500;

/** Candidates for each query, of which the nearest are kept after all their crops were looked at. */
const CANDIDATES = 64;

/**
 * The `keep` training images nearest to each query by a description of their middle crops, and their mirror images where
 * training mirrors.
 *
 * @param queries uint8 [q, H, W, C]
 * @param tell how many images were looked at, of how many
 */
export async function nearestMiddleCrops(
  engine: Engine,
  training: TrainingCrops,
  describer: ImageDescriber,
  queries: Uint8Array,
  keep: number,
  tell: (done: number, total: number) => void,
): Promise<readonly (readonly Neighbour[])[]> {
  const { store, crops, flip } = training;
  async function* described(): AsyncGenerator<DescribedImages> {
    const total = store.count.train;
    for (let first = 0; first < total; first += AT_ONCE) {
      const indices = Array.from(
        { length: Math.min(AT_ONCE, total - first) },
        (_, at) => first + at,
      );
      for (const view of middleViews(crops, flip)) {
        const pixels = readView(crops, store.channels, 'train', indices, view);
        yield { indices, view, vectors: await describer.describe(pixels) };
      }
      tell(first + indices.length, total);
    }
  }
  const vectors = await describer.describe(queries);
  return nearestVectors(engine, vectors, describer.width, keep, described());
}

/**
 * The `keep` training images nearest to each query in pixels, over all crops that training may have seen. The distance is
 * the root of the mean square difference of pixel values, 0…255.
 *
 * Candidates are the images whose middle crops are nearest; of these every crop is compared.
 */
export async function nearestCrops(
  engine: Engine,
  training: TrainingCrops,
  describer: ImageDescriber,
  queries: Uint8Array,
  keep: number,
  tell: (done: number, total: number) => void,
): Promise<readonly (readonly Neighbour[])[]> {
  const { store, crops, flip } = training;
  const many = Math.max(CANDIDATES, 2 * keep);
  const candidates = await nearestMiddleCrops(engine, training, describer, queries, many, tell);
  const views = allViews(crops, flip);
  const image = new Uint8Array(elementCount([...store.size, store.channels]));
  const length = describer.width;
  return candidates.map((found, at) => {
    const query = queries.subarray(at * length, (at + 1) * length);
    const ranking = createRanking(keep);
    for (const { index } of found) {
      store.readInto('train', index, image);
      let nearest: Neighbour | null = null;
      for (const view of views) {
        const least: number = nearest?.distance ?? Infinity;
        const distance = squaredDifference(query, image, view, training, least);
        if (distance < least) nearest = { index, view, distance };
      }
      if (nearest) ranking.offer(nearest);
    }
    return ranking.list().map((near) => ({ ...near, distance: Math.sqrt(near.distance / length) }));
  });
}

/** Σ (query − crop)² over one crop of an image, or some number of at least `most`. */
function squaredDifference(
  query: Uint8Array,
  image: Uint8Array,
  { top, left, mirrored }: CropView,
  { store, crops }: TrainingCrops,
  most: number,
): number {
  const { channels } = store;
  const [height, width] = crops.crop;
  let sum = 0;
  for (let y = 0; y < height && sum < most; y += 1) {
    const row = ((top + y) * store.size[1] + left) * channels;
    for (let x = 0; x < width; x += 1) {
      const to = (y * width + x) * channels;
      const from = row + (mirrored ? width - 1 - x : x) * channels;
      for (let c = 0; c < channels; c += 1) {
        const off = (query[to + c] as number) - (image[from + c] as number);
        sum += off * off;
      }
    }
  }
  return sum;
}
