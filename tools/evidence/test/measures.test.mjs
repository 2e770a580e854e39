import { describe, expect, it } from 'vitest';
import { meanSquaredError, psnr } from '../measures.mjs';

describe('psnr', () => {
  it('is 10·log₁₀(255² ÷ MSE), averaged over the images and not over the pixels', () => {
    const real = Uint8Array.of(10, 20, 30, 40);
    // Squared errors 1 and 1 in one image, 100 and 0 in the other: 48.1308 dB and 31.1411 dB.
    const drawn = Uint8Array.of(11, 19, 40, 40);
    expect(psnr(real, drawn, 2)).toBeCloseTo((48.1308 + 31.1411) / 2, 3);
    expect(meanSquaredError(real, drawn)).toBe(25.5);
  });

  it('refuses lists of different lengths', () => {
    expect(() => meanSquaredError(Uint8Array.of(1), Uint8Array.of(1, 2))).toThrow('got 1 and 2');
  });
});
