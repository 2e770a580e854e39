import { LapyraError } from '@lapyra/core';

/** `validation` is the last part of the data set's training images. */
export type ImageSplit = 'train' | 'validation' | 'test';

export interface ImageSplits {
  readonly count: Readonly<Record<ImageSplit, number>>;
  /**
   * Where an image stands among all: those to train on, those kept aside, those to test with.
   *
   * @throws {LapyraError} `LAPYRA_DATA_INDEX`
   */
  place(split: ImageSplit, index: number): number;
}

/**
 * Keep the last of the training images aside.
 *
 * @param asked how many. Default: a tenth, at most 5000
 * @throws {LapyraError} `LAPYRA_DATA_VALIDATION` if none would be left
 */
export function imageSplits(
  images: { readonly train: number; readonly test: number },
  asked: number = Math.min(5000, Math.floor(images.train / 10)),
): ImageSplits {
  if (!Number.isInteger(asked) || asked < 0 || asked >= images.train)
    throw new LapyraError(
      'LAPYRA_DATA_VALIDATION',
      `data.validation: expected 0…${images.train - 1} of ${images.train} training images, got ${asked}.`,
    );
  const count = { train: images.train - asked, validation: asked, test: images.test };
  const first = { train: 0, validation: count.train, test: images.train };
  return {
    count,
    place: (split, index) => {
      if (!Number.isInteger(index) || index < 0 || index >= count[split])
        throw new LapyraError(
          'LAPYRA_DATA_INDEX',
          `${split} image: expected an index below ${count[split]}, got ${index}.`,
        );
      return first[split] + index;
    },
  };
}
