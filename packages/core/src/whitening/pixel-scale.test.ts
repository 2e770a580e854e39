import { describe, expect, it } from 'vitest';
import { pixelScale } from './pixel-scale.js';

describe('pixelScale', () => {
  it('turns normalised values back into pixels, channel by channel', () => {
    const { mean, scale, exact } = pixelScale(
      'channel',
      {
        kind: 'channel',
        shape: [1, 1, 1, 2],
        mean: Float32Array.of(100, 50),
        scale: Float32Array.of(40, 20),
      },
      2,
      2, // at half the size of an orthonormal transform
    );
    // The pixel 140 is 1 when whitened, and 2 at half the size.
    expect(2 * scale[0]! + mean[0]!).toBe(140);
    expect(2 * scale[1]! + mean[1]!).toBe(70);
    expect(exact).toBe(true);
  });

  it('averages over the positions of a whitening by pixel, and says so', () => {
    const whitening = {
      kind: 'pixel' as const,
      shape: [1, 1, 2, 1] as const,
      mean: Float32Array.of(10, 30),
      scale: Float32Array.of(2, 4),
    };
    expect(pixelScale('pixel', whitening, 1, 1)).toEqual({ mean: [20], scale: [3], exact: false });
  });

  it('guesses before anything is measured, but knows whether there will be a scale by channel', () => {
    const guess = { mean: [127.5, 127.5, 127.5], scale: [64, 64, 64] };
    expect(pixelScale('channel', null, 3, 1)).toEqual({ ...guess, exact: true });
    expect(pixelScale('pixel', null, 3, 1)).toEqual({ ...guess, exact: false });
    expect(pixelScale('range', null, 1, 2)).toEqual({ mean: [127.5], scale: [63.75], exact: true });
  });

  it('gives the scale of the image below where its gain is another', () => {
    const whitening = {
      kind: 'range' as const,
      shape: [1, 1, 1, 1] as const,
      mean: Float32Array.of(127.5),
      scale: Float32Array.of(127.5),
    };
    // Haar: white is 1 at the full size, 2 at half of it, and 255 in pixels at both.
    const { mean, scale, coarseScale } = pixelScale('range', whitening, 1, 1, 2);
    expect(1 * scale[0]! + mean[0]!).toBe(255);
    expect(2 * coarseScale![0]! + mean[0]!).toBe(255);
    expect(pixelScale('range', whitening, 1, 2, 2)).not.toHaveProperty('coarseScale');
  });
});
