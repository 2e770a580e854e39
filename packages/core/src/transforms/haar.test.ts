import { describe, expect, it } from 'vitest';
import type { LapyraError } from '../error.js';
import { imageBatch } from '../image-batch.js';
import { randomStream } from '../random/random-stream.js';
import { haarBand, haarCoefficients, haarTransform } from './haar.js';
import { plainViews } from './plain-views.js';

const square = (values: Iterable<number>): number => [...values].reduce((sum, x) => sum + x * x, 0);

describe('haarTransform', () => {
  it('halves the sum of a block, and repeats half of it', () => {
    const image = imageBatch([1, 2, 2, 1], Float32Array.of(1, 2, 3, 4));
    const { coarse, low, band } = plainViews(
      haarTransform,
      image,
      [
        [1, 1],
        [2, 2],
      ],
      1,
    );
    expect([...coarse!.data]).toEqual([5]);
    expect([...low!.data]).toEqual([2.5, 2.5, 2.5, 2.5]);
    expect([...band!.data]).toEqual([-1.5, -0.5, 0.5, 1.5]);
  });

  it('u then d is the identity', () => {
    const coarse = imageBatch([1, 3, 5, 3], randomStream('haar').normal(45));
    const there = haarTransform.upsample(coarse, [6, 10]);
    expect(haarTransform.downsample(there, [3, 5])).toEqual(coarse);
  });
});

describe('haarCoefficients', () => {
  it('are differences across, down and both ways, channel by channel', () => {
    // First channel (1 2; 3 4), second (8 0; 0 0).
    const image = imageBatch([1, 2, 2, 2], Float32Array.of(1, 8, 2, 0, 3, 0, 4, 0));
    const { shape, data } = haarCoefficients(image);
    expect(shape).toEqual([1, 1, 1, 6]);
    expect([...data]).toEqual([-1, 4, -2, 4, 0, 4]);
  });

  it.each([1, 3, 4])(
    'with the coarse image keep the length of images of %d channels',
    (channels) => {
      const image = imageBatch(
        [2, 6, 10, channels],
        randomStream('parseval').normal(120 * channels),
      );
      const { coarse, band } = plainViews(
        haarTransform,
        image,
        [
          [3, 5],
          [6, 10],
        ],
        1,
      );
      const details = haarCoefficients(band!);
      expect(coarse!.data.length + details.data.length).toBe(image.data.length);
      const parts = square(coarse!.data) + square(details.data);
      expect(Math.abs(parts / square(image.data) - 1)).toBeLessThan(1e-6);
    },
  );

  it('form an orthonormal basis: each unit coefficient is a unit image, and all are orthogonal', () => {
    const basis = Array.from({ length: 4 }, (_, k) => {
      if (k === 3)
        return haarTransform.upsample(imageBatch([1, 1, 1, 1], Float32Array.of(1)), [2, 2]).data;
      const unit = imageBatch([1, 1, 1, 3]);
      unit.data[k] = 1;
      return haarBand(unit).data;
    });
    const products = basis.map((a) =>
      basis.map((b) => a.reduce((sum, x, i) => sum + x * b[i]!, 0)),
    );
    expect(products).toEqual([
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
    ]);
  });

  it('are brought back by haarBand, and the band by them', () => {
    const details = imageBatch(
      [2, 3, 4, 9],
      Float32Array.from(randomStream('back').integers(216, 64)),
    );
    const band = haarBand(details);
    expect(band.shape).toEqual([2, 6, 8, 3]);
    expect(haarCoefficients(band)).toEqual(details);
    expect(haarBand(haarCoefficients(band))).toEqual(band);
  });

  it('refuse odd sides and channels that are not threes', () => {
    const refusal = expect.objectContaining({ code: 'LAPYRA_IMAGE_SHAPE' }) as LapyraError;
    expect(() => haarCoefficients(imageBatch([1, 3, 2, 1]))).toThrow(refusal);
    expect(() => haarBand(imageBatch([1, 2, 2, 4]))).toThrow(refusal);
  });
});
