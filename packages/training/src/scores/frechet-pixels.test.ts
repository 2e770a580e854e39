import { describe, expect, it } from 'vitest';
import { boxBilinearTransform, imageBatch, randomStream } from '@lapyra/core';
import { Matrix } from 'ml-matrix';
import { frechetDistance, frechetSize, type Moments, pixelMoments } from './frechet-pixels.js';

const gaussian = (mean: number[], covariance: number[][]): Moments => ({
  mean: Float64Array.from(mean),
  covariance: new Matrix(covariance),
});

describe('frechetDistance', () => {
  it('in one dimension is (μ₁ − μ₂)² + (σ₁ − σ₂)²', () => {
    expect(frechetDistance(gaussian([1], [[4]]), gaussian([4], [[25]]))).toBeCloseTo(9 + 9, 10);
  });

  it('of commuting covariances is the sum over their axes', () => {
    // Both diagonal after a turn by 30°: deviations (1, 3) and (2, 7).
    const [c, s] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];
    const turned = (a: number, b: number): number[][] => [
      [c * c * a + s * s * b, c * s * (a - b)],
      [c * s * (a - b), s * s * a + c * c * b],
    ];
    const distance = frechetDistance(
      gaussian([0, 0], turned(1, 9)),
      gaussian([0, 2], turned(4, 49)),
    );
    expect(distance).toBeCloseTo(4 + 1 + 16, 9);
  });

  it('of 2×2 covariances that do not commute is the closed form', () => {
    // For 2×2: tr √(AB) = √(tr(AB) + 2·√(det A · det B)).
    const a = [
      [2, 1],
      [1, 3],
    ];
    const b = [
      [5, -1],
      [-1, 1],
    ];
    const traceOfProduct = 2 * 5 + 1 * -1 + (1 * -1 + 3 * 1);
    const expected = 2 + 3 + 5 + 1 - 2 * Math.sqrt(traceOfProduct + 2 * Math.sqrt(5 * 4));
    expect(frechetDistance(gaussian([0, 0], a), gaussian([0, 0], b))).toBeCloseTo(expected, 10);
  });

  it('is 0 for equal images, also when their covariance is singular', () => {
    const few = imageBatch([3, 4, 4, 1], randomStream(1, 'test').normal(48)); // 3 images, 16 pixels
    expect(frechetDistance(pixelMoments(few), pixelMoments(few))).toBeCloseTo(0, 6);
  });

  it('of two images each, with more pixels, is the closed form of covariances of rank 1', () => {
    // Half of the differences are u = (1, 2, 2) and v = (2, 0, 1): tr √(uuᵀvvᵀ) = |u·v|.
    const a = pixelMoments(imageBatch([2, 1, 3, 1], Float32Array.of(0, 0, 0, 2, 4, 4)));
    const b = pixelMoments(imageBatch([2, 1, 3, 1], Float32Array.of(3, 2, 3, -1, 2, 1)));
    const means = 0 + 0 + 0;
    expect(frechetDistance(a, b)).toBeCloseTo(means + 9 + 5 - 2 * 4, 9);
  });

  it('of fewer images than pixels is what their covariances alone give', () => {
    const few = (count: number, seed: number): Moments =>
      pixelMoments(imageBatch([count, 3, 2, 3], randomStream(seed, 'test').normal(count * 18)));
    const alone = ({ mean, covariance }: Moments): Moments => ({ mean, covariance });
    for (const [a, b] of [
      [few(5, 1), few(9, 2)],
      [few(9, 3), few(5, 4)],
      [few(9, 5), few(40, 6)],
    ] as const)
      expect(frechetDistance(a, b)).toBeCloseTo(frechetDistance(alone(a), alone(b)), 6);
  });

  it('is infinite, and ends, when an image is not finite', () => {
    const images = imageBatch([3, 2, 2, 1], randomStream(1, 'test').normal(12));
    const broken = imageBatch([3, 2, 2, 1], images.data.with(5, Number.NaN));
    expect(frechetDistance(pixelMoments(images), pixelMoments(broken))).toBe(
      Number.POSITIVE_INFINITY,
    );
  });
});

describe('pixelMoments', () => {
  it('gives mean and population covariance, worked by hand', () => {
    const { mean, covariance } = pixelMoments(
      imageBatch([2, 1, 2, 1], Float32Array.of(1, 10, 3, 16)),
    );
    expect([...mean]).toEqual([2, 13]);
    expect(covariance.to2DArray()).toEqual([
      [1, 3],
      [3, 9],
    ]);
  });

  it('averages images above 16×16 first', () => {
    expect(frechetSize([16, 16])).toEqual([16, 16]);
    expect(frechetSize([28, 28])).toEqual([14, 14]);
    expect(frechetSize([20, 64])).toEqual([5, 16]);
    const large = imageBatch([2, 28, 28, 1], randomStream(1, 'test').normal(2 * 28 * 28));
    const small = boxBilinearTransform.downsample(large, [14, 14]);
    expect(pixelMoments(large).mean).toEqual(pixelMoments(small).mean);
  });

  it('refuses a single image', () => {
    expect(() => pixelMoments(imageBatch([1, 2, 2, 1]))).toThrow('expected at least 2 images');
  });
});
