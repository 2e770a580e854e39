import { describe, expect, it } from 'vitest';
import { describePatch } from './describe-patch.js';

const image = {
  data: [1, 2, 3, 4, 5, 6, 7, 8, 9],
  size: [3, 3] as const,
  channels: 1,
};

describe('describePatch', () => {
  it('takes a patch and what is around it, less their mean, repeating the border', () => {
    const into = new Float32Array(16);
    const window = { patch: 2, context: 1, contrast: null };
    expect(describePatch(image, window, 0, 1, 1, into)).toBe(1);
    // Rows and columns 0 1 2 2 of 1…9: their mean is 6.25.
    const seen = [1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 9, 7, 8, 9, 9];
    expect(seen.reduce((a, b) => a + b, 0) / 16).toBe(6);
    expect([...into]).toEqual(seen.map((value) => value - 6));
  });

  it('divides by the contrast, so that a fainter and brighter patch is described alike', () => {
    const window = { patch: 3, context: 0, contrast: 0.001 };
    const [strong, faint] = [new Float32Array(9), new Float32Array(9)];
    const c = describePatch(image, window, 0, 0, 0, strong);
    // Mean square of −4…4 is 60 / 9.
    expect(c).toBeCloseTo(Math.sqrt(60 / 9 + 1e-6), 6);
    const other = { ...image, data: image.data.map((value) => 100 + value / 10) };
    expect(describePatch(other, window, 0, 0, 0, faint)).toBeCloseTo(c / 10, 5);
    faint.forEach((value, i) => expect(value).toBeCloseTo(strong[i]!, 4));
  });

  it('leaves what has hardly any contrast as faint as it is', () => {
    const into = new Float32Array(9);
    const flat = { ...image, data: image.data.map((value) => value / 1000) };
    const c = describePatch(flat, { patch: 3, context: 0, contrast: 1 }, 0, 0, 0, into);
    expect(c).toBeCloseTo(1, 4);
    expect(into[8]).toBeCloseTo(0.004, 5);
  });

  it('takes the mean of each channel by itself, in the image that is asked for', () => {
    const colours = {
      data: [9, 9, 9, 9, 9, 9, 9, 9, 1, 10, 2, 30, 3, 50, 6, 70],
      size: [2, 2] as const,
      channels: 2,
    };
    const into = new Float32Array(8);
    describePatch(colours, { patch: 2, context: 0, contrast: null }, 1, 0, 0, into);
    expect([...into]).toEqual([-2, -30, -1, -10, 0, 10, 3, 30]);
  });
});
