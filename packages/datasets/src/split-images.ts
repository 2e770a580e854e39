import { createHash } from 'node:crypto';
import type { LabelledImage } from './read-images.js';

export interface SplitImages<Image> {
  readonly train: readonly Image[];
  readonly test: readonly Image[];
}

/**
 * Order the pictures and keep the first share of each class for testing.
 *
 * The order is that of the SHA-256 of the paths: fixed, and yet mixed, so that the last images of a set, which are kept
 * aside for scores, are not all of the last class or the end of a film. A picture that is added moves no other from
 * one part to the other, but for one at the border.
 *
 * @param testFraction in [0, 1); of each class n, min(round(n · fraction), n − 1) images are for testing
 */
export function splitImages<Image extends LabelledImage>(
  images: readonly Image[],
  testFraction: number,
): SplitImages<Image> {
  const ordered = inOrder(images);
  const room = new Map<number, number>();
  for (const { label } of ordered) room.set(label, (room.get(label) ?? 0) + 1);
  for (const [label, count] of room)
    room.set(label, Math.min(Math.round(count * testFraction), count - 1));
  const train: Image[] = [];
  const test: Image[] = [];
  for (const image of ordered) {
    const left = room.get(image.label) ?? 0;
    (left > 0 ? test : train).push(image);
    room.set(image.label, left - 1);
  }
  return { train, test };
}

/** By the SHA-256 of their paths. */
function inOrder<Image extends LabelledImage>(images: readonly Image[]): Image[] {
  const keyed = images.map((image) => ({ image, key: pathKey(image.path) }));
  return keyed.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(({ image }) => image);
}

/** Accents may be stored as one character or two: the order must not depend on it. */
function pathKey(path: string): string {
  return createHash('sha256').update(path.normalize('NFC')).digest('hex');
}
