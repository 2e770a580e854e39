import { describe, expect, it } from 'vitest';
import { randomStream } from '@lapyra/core';
import { bandMoments } from './band-moments.js';

const COUNT = 400_000;

describe('bandMoments', () => {
  it('of normal numbers', () => {
    const { deviation, kurtosis, small } = bandMoments(
      randomStream(1, 'test')
        .normal(COUNT)
        .map((x) => 7 * x),
    );
    expect(Math.abs(deviation / 7 - 1)).toBeLessThan(0.005);
    expect(Math.abs(kurtosis! - 3)).toBeLessThan(0.05);
    expect(Math.abs(small! - 0.079656)).toBeLessThan(0.002); // 2Φ(0.1) − 1
  });

  it('of uniform numbers', () => {
    const { deviation, kurtosis, small } = bandMoments(
      randomStream(1, 'test').uniform(COUNT, -6, 6),
    );
    expect(Math.abs(deviation - 6 / Math.sqrt(3))).toBeLessThan(0.01);
    expect(Math.abs(kurtosis! - 1.8)).toBeLessThan(0.01);
    expect(Math.abs(small! - 0.1 / Math.sqrt(3))).toBeLessThan(0.002);
  });

  it('of Laplacian numbers', () => {
    const { deviation, kurtosis, small } = bandMoments(
      randomStream(1, 'test')
        .uniform(COUNT, -0.5, 0.5)
        .map((u) => -Math.sign(u) * Math.log(1 - 2 * Math.abs(u))),
    );
    expect(Math.abs(deviation - Math.SQRT2)).toBeLessThan(0.01);
    expect(Math.abs(kurtosis! - 6)).toBeLessThan(0.25); // the fourth power has a heavy tail
    expect(Math.abs(small! - (1 - Math.exp(-0.1 * Math.SQRT2)))).toBeLessThan(0.002);
  });

  it('counts small ones about 0, not about their mean', () => {
    expect(bandMoments([10, 10, 10, 12]).small).toBe(0);
    expect(bandMoments([0, 0, 0, 8])).toMatchObject({ small: 0.75 });
    expect(bandMoments([3, 3, 3])).toEqual({ deviation: 0, kurtosis: null, small: null });
  });
});
