import { describe, expect, it } from 'vitest';
import type { LabelledImage } from './read-images.js';
import { splitImages } from './split-images.js';

function images(...names: string[]): LabelledImage[] {
  const label = (path: string): number => (path.startsWith('b/') ? 1 : 0);
  return names.map((path) => ({ path, sum: '', fault: null, label: label(path) }));
}

const MANY = images(
  ...Array.from({ length: 40 }, (_, i) => `a/${i}.png`),
  ...Array.from({ length: 20 }, (_, i) => `b/${i}.png`),
);

describe('splitImages', () => {
  it('orders by the hash of the path', () => {
    // By sha256sum: a.png is 7f07…, b.png is 5f59…, c.png is 5870….
    const { train, test } = splitImages(images('a.png', 'b.png', 'c.png'), 0);
    expect(train.map((image) => image.path)).toEqual(['c.png', 'b.png', 'a.png']);
    expect(test).toEqual([]);
  });

  it('keeps a share of each class for testing, and one image at least for training', () => {
    const { train, test } = splitImages(MANY, 0.25);
    const count = (part: typeof train, label: number): number =>
      part.filter((image) => image.label === label).length;
    expect([count(test, 0), count(test, 1)]).toEqual([10, 5]);
    expect([count(train, 0), count(train, 1)]).toEqual([30, 15]);
    const few = splitImages(images('a/1.png', 'b/1.png', 'b/2.png'), 0.99);
    expect(new Set(few.train.map((image) => image.label))).toEqual(new Set([0, 1]));
    expect(few.test.map((image) => image.label)).toEqual([1]);
  });

  it('mixes the classes, so that the last images are not all of one', () => {
    const { train } = splitImages(MANY, 0);
    const last = new Set(train.slice(-12).map((image) => image.label));
    expect(last).toEqual(new Set([0, 1]));
  });

  it('does not depend on the order given, and moves at most one image when one is added', () => {
    const before = splitImages(MANY, 0.25);
    expect(splitImages(MANY.toReversed(), 0.25)).toEqual(before);
    const after = splitImages([...MANY, ...images('a/new.png')], 0.25);
    const stayed = new Set(after.test.map((image) => image.path));
    const moved = before.test.filter((image) => !stayed.has(image.path));
    expect(moved.length).toBeLessThanOrEqual(1);
  });
});
