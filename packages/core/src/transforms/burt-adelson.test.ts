import { describe, expect, it } from 'vitest';
import { type ImageBatch, imageBatch } from '../image-batch.js';
import { burtAdelsonTransform } from './burt-adelson.js';

const { downsample, upsample } = burtAdelsonTransform;

/** An image of two equal rows (four of them below), so that only the width matters. */
function rowsOf(row: readonly number[], height: number): ImageBatch {
  const image = imageBatch([1, height, row.length, 1]);
  for (let y = 0; y < height; y += 1) image.data.set(row, y * row.length);
  return image;
}

function firstRow(image: ImageBatch): number[] {
  return [...image.data.subarray(0, image.shape[2])].map((x) => Number(x.toFixed(6)));
}

describe('burtAdelsonTransform', () => {
  // Worked out by hand from w = (1/20, 1/4, 2/5, 1/4, 1/20) and mirrored borders.
  it.each([
    [
      [1, 0, 0, 0, 0, 0],
      [0.4, 0.05, 0],
    ],
    [
      [0, 1, 0, 0, 0, 0],
      [0.5, 0.25, 0],
    ],
    [
      [0, 0, 1, 0, 0, 0],
      [0.1, 0.4, 0.05],
    ],
    [
      [0, 0, 0, 1, 0, 0],
      [0, 0.25, 0.25],
    ],
    [
      [0, 0, 0, 0, 1, 0],
      [0, 0.05, 0.45],
    ],
    [
      [0, 0, 0, 0, 0, 1],
      [0, 0, 0.25],
    ],
  ])('reduces %j to %j', (fine, coarse) => {
    expect(firstRow(downsample(rowsOf(fine, 4), [2, 3]))).toEqual(coarse);
  });

  it.each([
    [
      [1, 0, 0],
      [0.8, 0.5, 0.1, 0, 0, 0],
    ],
    [
      [0, 1, 0],
      [0.2, 0.5, 0.8, 0.5, 0.1, 0],
    ],
    [
      [0, 0, 1],
      [0, 0, 0.1, 0.5, 0.9, 1],
    ],
  ])('expands %j to %j', (coarse, fine) => {
    expect(firstRow(upsample(rowsOf(coarse, 2), [4, 6]))).toEqual(fine);
  });

  it('works along both axes', () => {
    const image = imageBatch([1, 6, 6, 1]);
    image.data[2 * 6 + 2] = 1;
    const coarse = downsample(image, [3, 3]);
    expect([...coarse.data].map((x) => Number(x.toFixed(6)))).toEqual([
      0.01, 0.04, 0.005, 0.04, 0.16, 0.02, 0.005, 0.02, 0.0025,
    ]);
  });

  it('keeps a constant image, down to a single pixel', () => {
    const ones = imageBatch([1, 2, 8, 2]);
    ones.data.fill(1);
    const coarse = downsample(ones, [1, 4]);
    for (const x of [...coarse.data, ...upsample(coarse, [2, 8]).data]) expect(x).toBeCloseTo(1, 6);
  });
});
