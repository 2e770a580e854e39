import { describe, expect, it } from 'vitest';
import type { LapyraError } from './error.js';
import { entropyBits, noiseVariables } from './noise.js';
import { type NoiseDesign, noiseSpec } from './noise-design.js';

const uniform = { distribution: 'uniform', gain: null, gainPer: 'plane' } as const;
const normal = { ...uniform, distribution: 'normal' } as const;

describe('noiseSpec', () => {
  it.each<[NoiseDesign, number[] | null, number]>([
    [{ design: 'none' }, null, 0],
    [{ design: 'plane', planes: 1, ...uniform }, [14, 20, 1], 280],
    [{ design: 'plane', planes: 3, ...normal }, [14, 20, 3], 840],
    [{ design: 'vector', length: 100, ...uniform }, [100], 100],
    [{ design: 'low-rank', rank: 8, planes: 1, basis: 'learned', seed: 1, ...normal }, [8], 8],
    [{ design: 'hashed', variables: 280, planes: 1, seed: 1, ...uniform }, [280], 280],
  ])('of %j draws %j', (design, shape, variables) => {
    const spec = noiseSpec(design, [14, 20]);
    expect(spec).toEqual(
      shape === null || design.design === 'none'
        ? {}
        : { z: { distribution: design.distribution, shape } },
    );
    expect(noiseVariables(spec)).toBe(variables);
  });

  it('has the entropy of what is drawn, however many positions it fills', () => {
    const bits = (design: NoiseDesign): number => entropyBits(noiseSpec(design, [28, 28]));
    expect(bits({ design: 'plane', planes: 1, ...uniform })).toBe(784);
    expect(bits({ design: 'hashed', variables: 16, planes: 1, seed: 1, ...uniform })).toBe(16);
    // 8 · ½·log₂(2πe)
    const lowRank = { design: 'low-rank', rank: 8, planes: 1, basis: 'fixed', seed: 1 } as const;
    expect(bits({ ...lowRank, ...normal })).toBeCloseTo(16.3767647, 6);
    expect(bits({ design: 'none' })).toBe(0);
  });

  it.each<[NoiseDesign, string]>([
    [
      { design: 'low-rank', rank: 197, planes: 1, basis: 'learned', seed: 1, ...uniform },
      'noise at 14: expected rank of at most 196, the positions that the noise fills, got 197.',
    ],
    [
      { design: 'hashed', variables: 393, planes: 2, seed: 1, ...uniform },
      'noise at 14: expected variables of at most 392, the positions that the noise fills, got 393.',
    ],
    [
      { design: 'vector', length: 0, ...uniform },
      'noise at 14: expected a whole number of length of at least 1, got 0.',
    ],
    [
      { design: 'plane', planes: 1.5, ...uniform },
      'noise at 14: expected a whole number of planes of at least 1, got 1.5.',
    ],
    [
      { design: 'plane', planes: 1, ...uniform, gain: Number.NaN },
      'noise at 14: expected a finite gain, or null, got NaN.',
    ],
  ])('refuses %j', (design, message) => {
    expect(() => noiseSpec(design, [14, 14])).toThrow(
      expect.objectContaining({ code: 'LAPYRA_NOISE_DESIGN', message }) as LapyraError,
    );
  });
});
