import { describe, expect, it } from 'vitest';
import { imageBatch } from '../image-batch.js';
import { stretch } from './stretch.js';

describe('stretch', () => {
  it('brings each image to 0 … 255 over all its channels', () => {
    const images = imageBatch([2, 1, 2, 2], Float32Array.of(-1, 0, 0, 1, 5, 15, 10, 7));
    expect([...stretch(images)]).toEqual([0, 128, 128, 255, 0, 255, 128, 51]);
  });

  it('shows an image of one value as grey', () => {
    expect([...stretch(imageBatch([1, 1, 2, 1], Float32Array.of(3, 3)))]).toEqual([128, 128]);
  });
});
