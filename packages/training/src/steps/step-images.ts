import { elementCount, LapyraError, type Size } from '@lapyra/core';
import type { ImageStore } from '../image-store.js';

/** What the steps of a level need to know of the images that it learns from. A store of images is one. */
export type StepImages = Pick<
  ImageStore,
  'size' | 'channels' | 'classes' | 'captions' | 'count' | 'readInto' | 'label'
>;

export interface ImagesInMemoryOptions {
  /** 0…255 [n, H, W, C]. Read from as they are: leave the array alone while a level is trained. */
  readonly pixels: Uint8Array;
  /** Height and width. */
  readonly size: Size;
  /** @default 3 */
  readonly channels?: 1 | 3 | 4;
  /** Names of the classes and the class of each image [n], for a pyramid that is conditioned on classes. Default: none. */
  readonly classes?: { readonly names: readonly string[]; readonly labels: ArrayLike<number> };
}

/**
 * Images to train on from an array, such as what a page has fetched and decoded.
 *
 * @throws {LapyraError} `LAPYRA_DATA_IMAGES` if the array is not whole images or there are none, or a label is not one of
 * the classes
 */
export function imagesInMemory(options: ImagesInMemoryOptions): StepImages {
  const { pixels, size, channels = 3, classes } = options;
  const length = elementCount([...size, channels]);
  const count = pixels.length / length;
  if (count === 0 || !Number.isInteger(count))
    throw refusal(`pixels [n, ${size.join(', ')}, ${channels}]`, `${pixels.length} numbers`);
  if (classes) {
    const { names, labels } = classes;
    if (labels.length !== count)
      throw refusal(`${count} labels`, `${labels.length} for ${count} images`);
    const wrong = Array.from(labels).find((label) => names[label] === undefined);
    if (wrong !== undefined) throw refusal(`labels 0…${names.length - 1}`, String(wrong));
  }
  return {
    size,
    channels,
    classes: classes?.names ?? null,
    captions: null,
    count: { train: count, validation: 0, test: 0 },
    readInto: (_split, index, target, offset = 0) =>
      target.set(pixels.subarray(index * length, (index + 1) * length), offset),
    label: (_split, index) => classes?.labels[index] ?? -1,
  };
}

function refusal(expected: string, got: string): LapyraError {
  return new LapyraError('LAPYRA_DATA_IMAGES', `images: expected ${expected}, got ${got}.`);
}
