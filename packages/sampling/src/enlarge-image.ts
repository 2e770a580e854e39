import {
  elementCount,
  type ImageBatch,
  imageBatch,
  LapyraError,
  type NoiseTensor,
  type PlainTransform,
  randomStream,
  type Size,
  sizeName,
  type TensorValue,
  type TensorValues,
  type WorkContext,
} from '@lapyra/core';
import type { LevelRunner } from './level-runner.js';
import { coverAxis, type AxisCover } from './cover-axis.js';

export interface EnlargeOptions {
  readonly seed: number;
  /** Set apart the noise of an image that is enlarged again. @default 0 */
  readonly pass?: number;
  /** The condition vector [width], if the pyramid has one. */
  readonly condition?: Float32Array;
  /** Least overlap of tiles, in pixels of the image below. Default: half a tile. */
  readonly overlap?: number;
  /** Tiles drawn at once; images do not depend on it. @default 32 */
  readonly batch?: number;
  readonly work?: WorkContext;
}

/**
 * Enlarge one image of any size with a refining level, by tiles of the size that the level was made for.
 *
 * The image is enlarged as a whole by the transform's u. For each tile the level draws, from the tile alone; what it adds to u of
 * the tile is the tile's band. Bands are blended where tiles overlap and added to the whole: a level that adds nothing gives
 * u of the image, without a trace of tiles. A plane of noise is drawn for the whole image, and each tile gets its part; noise of
 * other shapes is the same for all tiles.
 *
 * An image smaller than a tile is continued by its border pixels.
 *
 * @param image normalised as the image below the level, [1, h, w, C]
 * @returns normalised as the level's own, [1, h · H/h₀, w · W/w₀, C]
 * @throws {LapyraError} `LAPYRA_ENLARGE_LEVEL` for a first level; `LAPYRA_ENLARGE_SIZE` for a size that the ratio does not divide
 */
export async function enlargeImage(
  level: LevelRunner,
  transform: PlainTransform,
  image: ImageBatch,
  options: EnlargeOptions,
): Promise<ImageBatch> {
  const { coarse: tile, size: made } = level.place;
  if (!tile) {
    throw new LapyraError(
      'LAPYRA_ENLARGE_LEVEL',
      `level ${level.name}: expected a refining level, got a first level.`,
    );
  }
  const [, height, width, channels] = image.shape;
  const size = enlargedSize(level, [height, width]);
  const rows = coverAxis(height, tile[0], made[0], options.overlap);
  const columns = coverAxis(width, tile[1], made[1], options.overlap);
  const low = transform.upsample(image, size);
  const noise = noiseOf(level, size, options);
  const spots = rows.tiles.flatMap((row) => columns.tiles.map((column) => ({ row, column })));
  const batch = options.batch ?? 32;
  for (let first = 0; first < spots.length; first += batch) {
    options.work?.signal.throwIfAborted();
    const some = spots.slice(first, first + batch);
    const coarse = imageBatch([some.length, ...tile, channels]);
    some.forEach(({ row, column }, index) =>
      cut(image, row.from, column.from, tile, coarse, index),
    );
    const inputs: Record<string, TensorValue> = {
      coarse: { dtype: 'float32', ...coarse },
      ...noiseTiles(level, noise, some),
    };
    if (options.condition) inputs['condition'] = repeat(options.condition, some.length);
    const drawn = await level.run(inputs, options.work);
    const enlarged = transform.upsample(coarse, made);
    some.forEach(({ row, column }, index) => {
      for (let y = 0; y < made[0] && row.to + y < size[0]; y += 1) {
        for (let x = 0; x < made[1] && column.to + x < size[1]; x += 1) {
          const share = row.shares[y]! * column.shares[x]!;
          const from = ((index * made[0] + y) * made[1] + x) * channels;
          const to = ((row.to + y) * size[1] + column.to + x) * channels;
          for (let c = 0; c < channels; c += 1)
            low.data[to + c]! += share * (drawn.data[from + c]! - enlarged.data[from + c]!);
        }
      }
    });
    options.work?.report({ done: first + some.length, total: spots.length });
  }
  return low;
}

/**
 * What size an image becomes.
 *
 * @throws {LapyraError} `LAPYRA_ENLARGE_SIZE`
 */
export function enlargedSize({ name, place: { coarse, size } }: LevelRunner, from: Size): Size {
  const side = (axis: 0 | 1): number => (from[axis] * size[axis]) / coarse![axis];
  const made: Size = [side(0), side(1)];
  if (made.every(Number.isInteger)) return made;
  const multiple = (axis: 0 | 1): number =>
    coarse![axis] / greatestDivisor(coarse![axis], size[axis]);
  throw new LapyraError(
    'LAPYRA_ENLARGE_SIZE',
    `level ${name}: expected an image whose sides are multiples of ${sizeName([multiple(0), multiple(1)])}, to grow as ${sizeName(coarse!)} grows to ${sizeName(size)}, got ${sizeName(from)}.`,
    { hint: 'Cut the picture, or use a level with a whole ratio.' },
  );
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

/** A tile of an image, beyond whose border its pixels are repeated. */
function cut(
  { data, shape: [, height, width, channels] }: ImageBatch,
  top: number,
  left: number,
  [h, w]: Size,
  into: ImageBatch,
  index: number,
): void {
  let at = index * h * w * channels;
  for (let y = 0; y < h; y += 1) {
    for (let x = 0; x < w; x += 1) {
      const pixel = Math.min(top + y, height - 1) * width + Math.min(left + x, width - 1);
      for (let c = 0; c < channels; c += 1) into.data[at++] = data[pixel * channels + c]!;
    }
  }
}

/** Whether a tensor of noise has numbers for each pixel of the level. */
function isPlane({ shape }: NoiseTensor, [height, width]: Size): boolean {
  return shape.length >= 2 && shape[0] === height && shape[1] === width;
}

/** Planes for the whole image, at least one tile large; other noise as it is. */
function noiseOf(
  level: LevelRunner,
  size: Size,
  { seed, pass = 0 }: EnlargeOptions,
): Record<string, { readonly width: number; readonly data: Float32Array }> {
  const own = level.place.size;
  return Object.fromEntries(
    Object.entries(level.noise).map(([name, tensor]) => {
      const whole = isPlane(tensor, own);
      const width = Math.max(size[1], own[1]);
      const count = whole
        ? Math.max(size[0], own[0]) * width * elementCount(tensor.shape.slice(2))
        : elementCount(tensor.shape);
      const stream = randomStream(seed, 'enlarge', pass, level.name, name);
      const data =
        tensor.distribution === 'uniform' ? stream.uniform(count, -1, 1) : stream.normal(count);
      return [name, { width, data }];
    }),
  );
}

function noiseTiles(
  level: LevelRunner,
  noise: ReturnType<typeof noiseOf>,
  spots: readonly { readonly row: Tile; readonly column: Tile }[],
): TensorValues {
  return Object.fromEntries(
    Object.entries(level.noise).map(([name, tensor]) => {
      const { width, data } = noise[name]!;
      const [height, wide] = level.place.size;
      if (!isPlane(tensor, level.place.size))
        return [`noise.${name}`, repeat(data, spots.length, tensor.shape)];
      const planes = elementCount(tensor.shape.slice(2));
      const row = wide * planes;
      const tiles = new Float32Array(spots.length * height * row);
      spots.forEach((spot, index) => {
        for (let y = 0; y < height; y += 1) {
          const from = ((spot.row.to + y) * width + spot.column.to) * planes;
          tiles.set(data.subarray(from, from + row), (index * height + y) * row);
        }
      });
      const shape = [spots.length, ...tensor.shape];
      return [`noise.${name}`, { dtype: 'float32', shape, data: tiles }];
    }),
  );
}

type Tile = AxisCover['tiles'][number];

function repeat(
  one: Float32Array,
  count: number,
  shape: readonly number[] = [one.length],
): TensorValue {
  const data = new Float32Array(count * one.length);
  for (let index = 0; index < count; index += 1) data.set(one, index * one.length);
  return { dtype: 'float32', shape: [count, ...shape], data };
}
