import { describe, expect, it } from 'vitest';
import { imageBatch } from '@lapyra/core';
import { nearestOfK } from './nearest-of-k.js';

const two = (...numbers: number[]): ReturnType<typeof imageBatch> =>
  imageBatch([2, 1, 2, 1], Float32Array.from(numbers));

describe('nearestOfK', () => {
  it('is the mean of each image’s least distance, worked by hand', () => {
    const search = nearestOfK(two(0, 0, 1, 1));
    search.add(two(3, 4, 1, 3)); // 5 and 2
    search.add(two(6, 8, 1, 2)); // 10 and 1
    expect(search.mean()).toBe((5 + 1) / 2);
  });

  it('passes over draws that are not finite', () => {
    const search = nearestOfK(two(0, 0, 1, 1));
    search.add(two(Number.NaN, 0, 1, 1));
    search.add(two(3, 4, 1, 1));
    expect(search.mean()).toBe(2.5);
  });

  it('refuses other shapes', () => {
    expect(() => nearestOfK(two(0, 0, 1, 1)).add(imageBatch([1, 1, 2, 1]))).toThrow(
      'expected images [2, 1, 2, 1], got [1, 1, 2, 1]',
    );
  });
});
