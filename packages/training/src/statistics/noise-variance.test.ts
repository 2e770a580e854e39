import { describe, expect, it } from 'vitest';
import { type ImageBatch, imageBatch, randomStream } from '@lapyra/core';
import { type NoiseVariance, noiseVarianceMeter } from './noise-variance.js';

const IMAGES = 300;
const SHAPE = [IMAGES, 2, 3, 2] as const;
const PER = 12;

/** h = a·(a number of the image's own) + b·noise, both normal of variance 1. */
function measured(a: number, b: number, rounds: number): NoiseVariance {
  const fixed = randomStream(1, 'coarse').normal(IMAGES * PER);
  const meter = noiseVarianceMeter();
  for (let round = 0; round < rounds; round += 1) {
    const noise = randomStream(1, 'noise', round).normal(IMAGES * PER);
    meter.add(
      imageBatch(
        SHAPE,
        fixed.map((value, i) => a * value + b * (noise[i] ?? 0)),
      ),
    );
  }
  return meter.result();
}

describe('noiseVarianceMeter', () => {
  it.each([
    [1, 1],
    [2, 0.5],
    [0.1, 1],
  ])('finds the two variances of %f·coarse + %f·noise', (a, b) => {
    const { byNoise, byCoarse, share } = measured(a, b, 8);
    // One deviation of a variance of 3600 · 7 or 3600 normals: √(2/25 200) = 0.9 %, √(2/3600) = 2.4 %.
    expect(Math.abs(byNoise / b ** 2 - 1)).toBeLessThan(0.04);
    expect(Math.abs(byCoarse - a ** 2)).toBeLessThan(0.1 * a ** 2 + 0.01 * b ** 2);
    expect(share).toBeCloseTo(byNoise / (byNoise + byCoarse), 12);
    expect(Math.abs(share! - b ** 2 / (a ** 2 + b ** 2))).toBeLessThan(0.03);
  });

  it('is not misled by few draws: two say the same as sixteen', () => {
    // Without the correction, two draws would give byCoarse = 1 + ½.
    expect(Math.abs(measured(1, 1, 2).share! - 0.5)).toBeLessThan(0.04);
    expect(Math.abs(measured(1, 1, 16).share! - 0.5)).toBeLessThan(0.03);
  });

  it('is 0 where every draw is the same, about 1 where nothing is known, and null where nothing varies', () => {
    expect(measured(1, 0, 3)).toMatchObject({ byNoise: 0, share: 0 });
    expect(measured(0, 1, 8).share).toBeGreaterThan(0.99);
    expect(measured(0, 0, 2)).toEqual({ byNoise: 0, byCoarse: 0, share: null });
  });

  it('is worked by hand', () => {
    const meter = noiseVarianceMeter();
    const two = (a: number, b: number): ImageBatch =>
      imageBatch([2, 1, 1, 1], Float32Array.of(a, b));
    meter.add(two(1, 7));
    meter.add(two(3, 9));
    // Within each image: 1 and 3, 7 and 9: a variance of 2 each. Means 2 and 8: a variance of 18, less 2 ÷ 2.
    expect(meter.result()).toEqual({ byNoise: 2, byCoarse: 17, share: 2 / 19 });
  });

  it('refuses what cannot be compared', () => {
    const meter = noiseVarianceMeter();
    meter.add(imageBatch([2, 1, 1, 1], Float32Array.of(1, Number.NaN)));
    expect(() => meter.add(imageBatch([3, 1, 1, 1]))).toThrow(
      'variance by noise: expected draws [2, 1, 1, 1], got [3, 1, 1, 1].',
    );
    expect(() => meter.result()).toThrow(
      'expected two or more images and draws of each, got 2 images, 1 draws of each.',
    );
    meter.add(imageBatch([2, 1, 1, 1]));
    expect(() => meter.result()).toThrow('expected finite draws');
  });
});
