import { LapyraError } from '@lapyra/core';
import type { ImageSplit, ImageStore } from '@lapyra/training';

/** Some labelled images of one split. */
export interface ImageSet {
  readonly split: ImageSplit;
  readonly indices: readonly number[];
  /** Class of each. */
  readonly labels: readonly number[];
}

/**
 * Images to learn from, at most `most`, spread over all training images; and all test images, or those kept aside for
 * scores where the dataset has no test images.
 *
 * @throws {LapyraError} `LAPYRA_REUSE_CLASSES` if the images have no classes, `LAPYRA_REUSE_IMAGES` if none are left to
 * test with
 */
export function learningSets(
  store: ImageStore,
  most: number,
): { readonly classes: readonly string[]; readonly train: ImageSet; readonly test: ImageSet } {
  if (!store.classes) {
    throw new LapyraError(
      'LAPYRA_REUSE_CLASSES',
      'features: expected images with classes, got images without.',
      { hint: 'A classifier needs a dataset with classes: one folder a class.' },
    );
  }
  const split = store.count.test > 0 ? 'test' : 'validation';
  if (store.count[split] === 0) {
    throw new LapyraError(
      'LAPYRA_REUSE_IMAGES',
      'features: expected images that the run was not trained on, got none.',
      { hint: 'Keep some aside: data.validation in the config.' },
    );
  }
  return {
    classes: store.classes,
    train: imageSet(store, 'train', most),
    test: imageSet(store, split, store.count[split]),
  };
}

function imageSet(store: ImageStore, split: ImageSplit, most: number): ImageSet {
  const all = store.count[split];
  const count = Math.min(most, all);
  const indices = Array.from({ length: count }, (_, at) => Math.floor((at * all) / count));
  return { split, indices, labels: indices.map((index) => store.label(split, index)) };
}
