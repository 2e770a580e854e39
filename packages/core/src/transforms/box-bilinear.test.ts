import { describe, expect, it } from 'vitest';
import { imageBatch } from '../image-batch.js';
import { randomStream } from '../random/random-stream.js';
import { boxBilinearTransform } from './box-bilinear.js';

const { downsample, upsample } = boxBilinearTransform;

describe('boxBilinearTransform', () => {
  it('averages 2×2 blocks for 28 → 14, to the bit', () => {
    const stream = randomStream('box');
    const image = imageBatch([2, 28, 28, 3], stream.normal(2 * 28 * 28 * 3));
    const at = (b: number, y: number, x: number, c: number): number =>
      image.data[((b * 28 + y) * 28 + x) * 3 + c]!;
    const coarse = downsample(image, [14, 14]);
    expect(coarse.shape).toEqual([2, 14, 14, 3]);
    const expected = Float32Array.from(coarse.data, (_, i) => {
      const [c, x, y] = [i % 3, Math.floor(i / 3) % 14, Math.floor(i / 42) % 14];
      const b = Math.floor(i / 588);
      return (
        (at(b, 2 * y, 2 * x, c) +
          at(b, 2 * y, 2 * x + 1, c) +
          at(b, 2 * y + 1, 2 * x, c) +
          at(b, 2 * y + 1, 2 * x + 1, c)) /
        4
      );
    });
    expect(coarse.data).toEqual(expected);
  });

  it('averages boxes of 3.5 pixels for 28 → 8', () => {
    // Pixels of value 4·column + row: boxes begin at 0, 3.5, 7, …; mean columns 4.5/3.5 and 16.5/3.5, and so on by 7.
    const values = Float32Array.from({ length: 784 }, (_, i) => 4 * (i % 28) + Math.floor(i / 28));
    const coarse = downsample(imageBatch([1, 28, 28, 1], values), [8, 8]);
    const means = Array.from(
      { length: 8 },
      (_, i) => 7 * Math.floor(i / 2) + (i % 2 ? 16.5 : 4.5) / 3.5,
    );
    for (let y = 0; y < 8; y += 1) {
      for (let x = 0; x < 8; x += 1)
        expect(coarse.data[8 * y + x]).toBeCloseTo(4 * means[x]! + means[y]!, 4);
    }
  });

  it('takes fractional boxes for 32 → 28', () => {
    // Boxes of 8/7: the first is pixel 0 and 1/7 of pixel 1, the second 6/7 of pixel 1 and 2/7 of pixel 2.
    const row = Float32Array.from({ length: 32 }, (_, x) => x * x);
    const image = imageBatch([1, 32, 32, 1]);
    for (let y = 0; y < 32; y += 1) image.data.set(row, 32 * y);
    const { data } = downsample(image, [28, 28]);
    expect(data[0]).toBeCloseTo((7 / 8) * (0 + 1 / 7), 6);
    expect(data[1]).toBeCloseTo((7 / 8) * (6 / 7 + (2 / 7) * 4), 6);
    expect(data[27]).toBeCloseTo((7 / 8) * ((1 / 7) * 900 + 961), 3);
  });

  it('interpolates between aligned corners', () => {
    const coarse = imageBatch([1, 2, 2, 1], Float32Array.of(0, 6, 12, 18));
    expect([...upsample(coarse, [3, 4]).data]).toEqual([0, 2, 4, 6, 6, 8, 10, 12, 12, 14, 16, 18]);
  });

  it('repeats along a side of 1', () => {
    const coarse = imageBatch([1, 1, 2, 1], Float32Array.of(1, 5));
    expect([...upsample(coarse, [2, 3]).data]).toEqual([1, 3, 5, 1, 3, 5]);
    const pixel = imageBatch([1, 1, 1, 3], Float32Array.of(1, 2, 3));
    expect([...upsample(pixel, [2, 1]).data]).toEqual([1, 2, 3, 1, 2, 3]);
  });

  it('keeps a side that does not grow', () => {
    const image = imageBatch([1, 2, 4, 1], Float32Array.of(1, 3, 5, 7, 0, 2, 4, 6));
    expect([...downsample(image, [2, 2]).data]).toEqual([2, 6, 1, 5]);
  });
});
