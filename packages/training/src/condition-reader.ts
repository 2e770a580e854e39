import { conditionWidth, LapyraError, type Level, type RandomStream, sizeName } from '@lapyra/core';
import type { ImageSplit } from './image-splits.js';
import type { StepImages } from './steps/step-images.js';

/** The condition vectors of stored images. */
export interface ConditionReader {
  /** Length of a vector; 0 for a pyramid without a condition. */
  readonly width: number;
  /**
   * Write the vectors of some images into `target` [n, width]: the class as one-hot, or one of the image's captions.
   *
   * @param stream draws the caption; `null`: the first
   */
  read(
    split: ImageSplit,
    indices: ArrayLike<number>,
    stream: RandomStream | null,
    target: Float32Array,
  ): void;
  /** Whether two training images are of the same class or, where there are no classes, have a caption in common. */
  alike(one: number, other: number): boolean;
}

/** @throws {LapyraError} `LAPYRA_TRAIN_CONDITION` if the images cannot give the condition of the level's pyramid */
export function createConditionReader({ place }: Level, store: StepImages): ConditionReader {
  const { condition } = place;
  const { classes, captions } = store;
  const width = conditionWidth(condition);
  const refuse = (expected: string, got: string): LapyraError =>
    new LapyraError(
      'LAPYRA_TRAIN_CONDITION',
      `level ${sizeName(place.size)}: expected images with ${expected}, got ${got}.`,
    );
  const isSame = (names: readonly string[]): boolean =>
    classes?.length === names.length && names.every((name, i) => classes[i] === name);
  if (condition.kind === 'classes' && !isSame(condition.names))
    throw refuse(
      `the classes ${condition.names.join(', ')}`,
      classes?.join(', ') ?? 'images without classes',
    );
  if (condition.kind === 'embedding' && captions?.width !== width)
    throw refuse(
      `vectors of ${width} numbers`,
      captions ? `vectors of ${captions.width}` : 'images without',
    );
  const label = (index: number): number => store.label('train', index);
  return {
    width,
    read: (split, indices, stream, target) => {
      const count = indices.length;
      if (condition.kind === 'embedding' && captions) {
        const drawn = stream?.uniform(count); // multiples of 2⁻²⁴, below 1
        for (let i = 0; i < count; i++) {
          const index = indices[i] as number;
          const caption = Math.floor((drawn?.[i] ?? 0) * captions.captions(split, index));
          captions.readInto(split, index, caption, target, i * width);
        }
        return;
      }
      target.fill(0);
      if (width > 0)
        for (let i = 0; i < count; i++)
          target[i * width + store.label(split, indices[i] as number)] = 1;
    },
    alike: (one, other) =>
      classes || !captions ? label(one) === label(other) : captions.share('train', one, other),
  };
}
