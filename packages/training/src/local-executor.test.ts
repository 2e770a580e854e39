import { describe, expect, it } from 'vitest';
import { threadsPerLevel } from './local-executor.js';

describe('threadsPerLevel', () => {
  it.each([
    [3, 2, 2, 1], // two at once on two cores
    [3, 1, 2, 2], // one after the other: all cores
    [2, 4, 8, 4],
    [3, 3, 2, 1], // more levels than cores
    [1, 8, 8, 8],
  ])('of %i levels, %i at once, on %i cores are %i', (levels, jobs, cores, threads) => {
    expect(threadsPerLevel(levels, jobs, cores)).toBe(threads);
  });
});
