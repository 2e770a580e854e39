import { LapyraError } from '@lapyra/core';
import { expect, it } from 'vitest';
import { pixelHistograms } from './pixel-histograms.js';

it('tells an image by how often each value stood in its place', () => {
  const histograms = pixelHistograms(2);
  // Two places, three images: 7 7 9 in the first, 0 0 0 in the second.
  histograms.add(Uint8Array.of(7, 0, 7, 0));
  histograms.add(Uint8Array.of(9, 0));
  const [seen, new_, half] = histograms.bits(Uint8Array.of(7, 0, 0, 7, 9, 0));
  expect(seen).toBeCloseTo((-Math.log2(3 / 259) - Math.log2(4 / 259)) / 2, 12);
  expect(new_).toBeCloseTo(Math.log2(259), 12);
  expect(half).toBeCloseTo((-Math.log2(2 / 259) - Math.log2(4 / 259)) / 2, 12);
});

it('knows nothing before it has seen images: 8 bits', () => {
  expect([...pixelHistograms(3).bits(Uint8Array.of(1, 2, 3))]).toEqual([8]);
});

it('refuses images of another size', () => {
  expect(() => pixelHistograms(4).add(new Uint8Array(6))).toThrow(LapyraError);
  expect(() => pixelHistograms(4).add(new Uint8Array(6))).toThrow(
    'pixel histograms: expected images of 4 numbers, got 6 in all.',
  );
});
