import { drawnImages } from '@lapyra/testing';
import { describe, expect, it } from 'vitest';

describe('drawnImages', () => {
  it('are the same from the same seed, and others from another', () => {
    const { shape, pixels, labels } = drawnImages(20, 3);
    expect(shape).toEqual([20, 32, 32, 3]);
    expect([...labels]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(drawnImages(20, 3).pixels).toEqual(pixels);
    expect(drawnImages(20, 4).pixels).not.toEqual(pixels);
    // One image does not depend on how many there are.
    expect(drawnImages(1, 3).pixels).toEqual(pixels.slice(0, 32 * 32 * 3));
  });

  it('have colours and edges, and are all different', () => {
    const count = 40;
    const { pixels } = drawnImages(count);
    const one = 32 * 32 * 3;
    const images = Array.from({ length: count }, (_, at) =>
      pixels.subarray(at * one, (at + 1) * one),
    );
    expect(new Set(images.map((image) => image.join())).size).toBe(count);
    for (const image of images) {
      const mean = image.reduce((sum, value) => sum + value, 0) / one;
      const deviation = Math.sqrt(image.reduce((sum, x) => sum + (x - mean) ** 2, 0) / one);
      expect(deviation).toBeGreaterThan(5);
    }
  });

  it.each([0, 1.5, -1])('are refused in a number of %s', (count) => {
    expect(() => drawnImages(count)).toThrow('expected a whole number of at least 1');
  });
});
