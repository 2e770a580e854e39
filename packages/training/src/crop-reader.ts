import { LapyraError, type Size } from '@lapyra/core';
import type { ImageSplit } from './image-splits.js';
import type { StepImages } from './steps/step-images.js';

/** Reads crops of stored images: index arithmetic and copying of rows, no resampling. */
export interface CropReader {
  readonly crop: Size;
  /** Highest offsets of a crop: [0, 0] if images have its size. */
  readonly slack: readonly [y: number, x: number];
  /** Write the crop at (y, x) of an image, mirrored if wanted, as image `at` of `target` [n, H, W, C]. */
  read(
    split: ImageSplit,
    index: number,
    y: number,
    x: number,
    flip: boolean,
    target: Uint8Array,
    at: number,
  ): void;
  /** The middle crops of some images [n, H, W, C]. */
  centre(split: ImageSplit, indices: readonly number[]): Uint8Array;
}

/** @throws {LapyraError} `LAPYRA_DATA_CROP` if the images are smaller than the crop */
export function createCropReader(store: StepImages, crop: Size): CropReader {
  const [height, width] = store.size;
  const slack = [height - crop[0], width - crop[1]] as const;
  if (slack[0] < 0 || slack[1] < 0)
    throw new LapyraError(
      'LAPYRA_DATA_CROP',
      `data.crop: expected at most ${height}×${width}, the size of the images, got ${crop[0]}×${crop[1]}.`,
    );
  const { channels } = store;
  const row = crop[1] * channels;
  const bytes = crop[0] * row;
  const image = new Uint8Array(height * width * channels);
  const read: CropReader['read'] = (split, index, y, x, flip, target, at) => {
    const start = at * bytes;
    if (slack[0] === 0 && slack[1] === 0 && !flip)
      return store.readInto(split, index, target, start);
    store.readInto(split, index, image);
    for (let i = 0; i < crop[0]; i++) {
      const from = ((y + i) * width + x) * channels;
      const to = start + i * row;
      if (!flip) {
        for (let j = 0; j < row; j++) target[to + j] = image[from + j] as number;
        continue;
      }
      for (let j = 0; j < crop[1]; j++)
        for (let c = 0; c < channels; c++)
          target[to + j * channels + c] = image[from + (crop[1] - 1 - j) * channels + c] as number;
    }
  };
  return {
    crop,
    slack,
    read,
    centre: (split, indices) => {
      const pixels = new Uint8Array(indices.length * bytes);
      const y = Math.floor(slack[0] / 2);
      const x = Math.floor(slack[1] / 2);
      indices.forEach((index, i) => read(split, index, y, x, false, pixels, i));
      return pixels;
    },
  };
}
