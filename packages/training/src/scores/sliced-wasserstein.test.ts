import { describe, expect, it } from 'vitest';
import { imageBatch, randomStream } from '@lapyra/core';
import { patchProtocol, projectPatches, slicedWasserstein } from './sliced-wasserstein.js';

/** Images of independent normal pixels. */
function noise(
  count: number,
  seed: number,
  deviation = 1,
  mean = 0,
): ReturnType<typeof imageBatch> {
  const numbers = randomStream(seed, 'test').normal(count * 8 * 8 * 3);
  return imageBatch(
    [count, 8, 8, 3],
    numbers.map((x) => mean + deviation * x),
  );
}

describe('slicedWasserstein', () => {
  it('is the mean difference of equal ranks, worked by hand in one dimension', () => {
    // 1×1 images of one channel: a patch is a pixel, a direction is ±1.
    const a = imageBatch([3, 1, 1, 1], Float32Array.of(3, 0, 1));
    const b = imageBatch([3, 1, 1, 1], Float32Array.of(5, 7, 0));
    const options = { perImage: 1, projections: 4, seed: 1 };
    // Sorted 0 1 3 against 0 5 7: (0 + 4 + 4) / 3; the mirrored direction gives the same.
    expect(slicedWasserstein(projectPatches(a, options), projectPatches(b, options))).toBeCloseTo(
      8 / 3,
      6,
    );
  });

  it('is 0 for the same images, and the same in both directions', () => {
    const [a, b] = [1, 2].map((seed) => projectPatches(noise(20, seed), { seed: 3 }));
    if (!a || !b) throw new Error('no patches');
    expect(slicedWasserstein(a, a)).toBe(0);
    expect(slicedWasserstein(a, b)).toBeCloseTo(slicedWasserstein(b, a), 12);
  });

  it('of normal patches with deviations 1 and 2 is the closed form √(2/π)', () => {
    // Every projection of white noise is normal: W₁(N(0,1), N(0,4)) = E|x| = √(2/π) ≈ 0.798.
    const a = projectPatches(noise(200, 1, 1), { seed: 3 });
    const b = projectPatches(noise(200, 2, 2), { seed: 3 });
    expect(slicedWasserstein(a, b)).toBeGreaterThan(0.78);
    expect(slicedWasserstein(a, b)).toBeLessThan(0.82);
  });

  it('of normal patches and zeros is √(2/π): so plain upsampling is measured', () => {
    const zeros = imageBatch([200, 8, 8, 3]);
    const distance = slicedWasserstein(
      projectPatches(noise(200, 1), { seed: 3 }),
      projectPatches(zeros, { seed: 3 }),
    );
    expect(Math.abs(distance - Math.sqrt(2 / Math.PI))).toBeLessThan(0.02);
  });

  it('takes images smaller than a patch as one patch', () => {
    const tiny = imageBatch(
      [2, 2, 3, 1],
      Float32Array.from({ length: 12 }, (_, i) => i),
    );
    expect(projectPatches(tiny, { perImage: 1, seed: 1 }).rows[0]).toHaveLength(2);
  });

  it('refuses sets of other numbers', () => {
    const [a, b] = [2, 3].map((count) => projectPatches(noise(count, 1), { seed: 3 }));
    expect(() => slicedWasserstein(a ?? { rows: [] }, b ?? { rows: [] })).toThrow(
      'expected two sets of 32 patches, got 48',
    );
  });

  it('states its protocol', () => {
    expect(patchProtocol({ seed: 4 })).toBe('16 patches of 5×5 per image, 128 projections, seed 4');
  });
});
