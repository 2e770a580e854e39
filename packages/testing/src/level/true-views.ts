// What a level is shown of true pictures, by core's plain code: the same parts that a training run traces in front of it.
import {
  conditionWidth,
  type DrawPart,
  elementCount,
  type LevelData,
  type LevelPlace,
  measureWhitening,
  type PlainTransform,
  plainViews,
  randomStream,
  type Size,
  type TensorValue,
  whiten,
} from '@lapyra/core';
import type { LabelledImages } from '../read-cifar10-fixture.js';

/** True pictures as a level sees them, each part float32 [n, …]. */
export interface TrueViews extends LevelData {
  /** The class of each picture, of as many as the condition has. */
  readonly classes: Uint8Array;
  /** One part of some pictures. */
  part(part: DrawPart, indices: ArrayLike<number>): TensorValue;
}

/**
 * Bring pictures to the pyramid's full size and number of channels (one channel: their mean; channels beyond those that
 * there are: likewise), whiten them per pixel and channel, and take them apart for one level.
 */
export async function trueViews(
  images: LabelledImages,
  place: LevelPlace,
  transform: PlainTransform,
  sizes: readonly Size[],
  index: number,
): Promise<TrueViews> {
  const [count] = images.shape;
  const full = sizes.at(-1)!;
  const { channels, condition } = place;
  const pixels = resize(recolour(images, channels), full);
  const whitening = await measureWhitening('pixel', full, channels, batchesOf(pixels));
  const whole = whiten(pixels, [count, ...full, channels], whitening);
  const parts: Partial<Record<DrawPart, TensorValue>> = {};
  for (const [part, view] of Object.entries(plainViews(transform, whole, sizes, index)))
    if (view) parts[part as DrawPart] = { dtype: 'float32', shape: view.shape, data: view.data };

  if (place.coarse)
    parts['paired'] = { dtype: 'float32', shape: [count], data: new Float32Array(count).fill(1) };
  const width = conditionWidth(condition);
  const kinds = condition.kind === 'classes' ? width : 10;
  const classes = images.labels.map((label) => label % kinds);
  if (width > 0) {
    const vectors = Array.from({ length: kinds }, (_, kind) =>
      condition.kind === 'classes'
        ? Float32Array.from({ length: width }, (__, at) => Number(at === kind))
        : randomStream('embedding', kind).normal(width),
    );
    const data = new Float32Array(count * width);
    classes.forEach((kind, image) => data.set(vectors[kind]!, image * width));
    parts['condition'] = { dtype: 'float32', shape: [count, width], data };
  }
  const part = (name: DrawPart, indices: ArrayLike<number>): TensorValue => {
    const all = parts[name];
    if (!all) throw new Error(`the level's place has no part '${name}'`);
    return rows(all, indices);
  };
  return {
    count,
    classes,
    part,
    read: async (indices, wanted) =>
      Object.fromEntries(wanted.map((name) => [name, part(name, indices)])),
  };
}

/** Some rows of a tensor, copied. */
function rows({ dtype, shape, data }: TensorValue, indices: ArrayLike<number>): TensorValue {
  const length = elementCount(shape.slice(1));
  const taken = new Float32Array(indices.length * length);
  for (let row = 0; row < indices.length; row++) {
    const start = indices[row]! * length;
    taken.set(data.subarray(start, start + length), row * length);
  }
  return { dtype, shape: [indices.length, ...shape.slice(1)], data: taken };
}

function recolour({ shape, pixels, labels }: LabelledImages, channels: number): LabelledImages {
  const [count, height, width, given] = shape;
  if (given === channels) return { shape, pixels, labels };
  const result = new Uint8Array(count * height * width * channels);
  for (let at = 0; at < count * height * width; at++) {
    const colour = pixels.subarray(at * given, (at + 1) * given);
    const mean = Math.round(colour.reduce((sum, value) => sum + value, 0) / given);
    for (let channel = 0; channel < channels; channel++)
      result[at * channels + channel] = channels > 1 ? (colour[channel] ?? mean) : mean;
  }
  return { shape: [count, height, width, channels], pixels: result, labels };
}

/** Whole pictures, squeezed or stretched: each pixel is the mean of the given pixels that it covers or touches. */
function resize({ shape, pixels }: LabelledImages, [height, width]: Size): Uint8Array {
  const [count, fromHeight, fromWidth, channels] = shape;
  const result = new Uint8Array(count * height * width * channels);
  let at = 0;
  for (let image = 0; image < count; image++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const [top, bottom] = [(y * fromHeight) / height, ((y + 1) * fromHeight) / height];
        const [left, right] = [(x * fromWidth) / width, ((x + 1) * fromWidth) / width];
        for (let channel = 0; channel < channels; channel++) {
          let sum = 0;
          let covered = 0;
          for (let row = Math.floor(top); row < bottom; row++)
            for (let column = Math.floor(left); column < right; column++, covered++)
              sum +=
                pixels[((image * fromHeight + row) * fromWidth + column) * channels + channel]!;
          result[at++] = Math.round(sum / covered);
        }
      }
  return result;
}

async function* batchesOf(pixels: Uint8Array): AsyncGenerator<Uint8Array> {
  yield pixels;
}
