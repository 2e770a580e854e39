import { boxBilinearTransform, type ConditionSpec, type LevelPlace } from '@lapyra/core';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../expect-close.js';
import { type TrueViews, trueViews } from './true-views.js';

/** Two pictures of 2×4 pixels: left half and right half differ. */
const images = {
  shape: [2, 2, 4, 3],
  pixels: Uint8Array.from([0, 100].flatMap((add) => [1, 2].flatMap(() => halves(add)))),
  labels: Uint8Array.of(0, 3),
} as const;

function halves(add: number): number[] {
  const [left, right] = [
    [10 + add, 20 + add, 30 + add],
    [50 + add, 60 + add, 70 + add],
  ];
  return [...left, ...left, ...right, ...right];
}

function view(channels: number, condition: ConditionSpec = { kind: 'none' }): Promise<TrueViews> {
  const place: LevelPlace = {
    size: [1, 2],
    coarse: [1, 1],
    channels,
    condition,
    transform: 'box-bilinear',
    pixels: { mean: [127.5, 127.5, 127.5], scale: [64, 64, 64], exact: false },
  };
  const sizes = [
    [1, 1],
    [1, 2],
  ] as const;
  return trueViews(images, place, boxBilinearTransform, sizes, 1);
}

describe('trueViews', () => {
  it('whitens per pixel and channel, and takes apart', async () => {
    // Of two pictures each pixel is 50 below or above its mean, with deviation 50: all −1, all 1.
    const { part, count } = await view(3);
    expect(count).toBe(2);
    expectClose(part('image', [0, 1]), [-1, -1, -1, -1, -1, -1, 1, 1, 1, 1, 1, 1], {
      relative: 1e-6,
    });
    expect(part('coarse', [1, 0, 1]).shape).toEqual([3, 1, 1, 3]);
    expectClose(part('coarse', [1, 0]), [1, 1, 1, -1, -1, -1], { relative: 1e-6 });
    expectClose(
      part('band', [0, 1]),
      Array.from({ length: 12 }, () => 0),
      { absolute: 1e-6 },
    );
  });

  it('reads several parts', async () => {
    const { read } = await view(1);
    const parts = await read([1], ['image', 'low']);
    expect(Object.keys(parts)).toEqual(['image', 'low']);
    expect(parts['image']!.shape).toEqual([1, 1, 2, 1]);
  });

  it('gives as many channels as the place has', async () => {
    for (const channels of [1, 4])
      expect((await view(channels)).part('image', [0]).shape).toEqual([1, 1, 2, channels]);
  });

  it('gives classes one-hot, of as many as there are, and embeddings by class', async () => {
    const { classes, part } = await view(3, { kind: 'classes', names: ['a', 'b'] });
    expect([...classes]).toEqual([0, 1]);
    expect([...part('condition', [1, 0]).data]).toEqual([0, 1, 1, 0]);
    const embedded = await view(3, { kind: 'embedding', width: 4 });
    const { data, shape } = embedded.part('condition', [0, 1]);
    expect(shape).toEqual([2, 4]);
    expect(data.slice(0, 4)).not.toEqual(data.slice(4));
  });

  it('refuses a part that the place does not have', async () => {
    const { part } = await view(3);
    expect(() => part('condition', [0])).toThrow("the level's place has no part 'condition'");
  });
});
