import { describe, expect, it } from 'vitest';
import type { LapyraError } from '../error.js';
import { imageBatch } from '../image-batch.js';
import { randomStream } from '../random/random-stream.js';
import { dewhiten, whiten } from './whiten.js';
import type { Whitening } from './whitening.js';

const channel: Whitening = {
  kind: 'channel',
  shape: [1, 1, 1, 2],
  mean: Float32Array.of(100, 50),
  scale: Float32Array.of(50, 25),
};
const pixel: Whitening = {
  kind: 'pixel',
  shape: [1, 2, 2, 1],
  mean: Float32Array.of(10, 20, 30, 40),
  scale: Float32Array.of(1, 2, 3, 4),
};
const range: Whitening = {
  kind: 'range',
  shape: [1, 1, 1, 1],
  mean: Float32Array.of(127.5),
  scale: Float32Array.of(127.5),
};
const misfit = expect.objectContaining({ code: 'LAPYRA_WHITENING_SHAPE' }) as LapyraError;

describe('whiten', () => {
  it('normalises by channel', () => {
    expect(whiten(Uint8Array.of(0, 0, 100, 100, 255, 75), [1, 1, 3, 2], channel)).toEqual(
      imageBatch([1, 1, 3, 2], Float32Array.of(-2, -2, 0, 2, 3.1, 1)),
    );
  });

  it('normalises by position, in every image of a batch', () => {
    const { data } = whiten(Uint8Array.of(10, 22, 36, 28, 11, 20, 30, 44), [2, 2, 2, 1], pixel);
    expect([...data]).toEqual([0, 1, 2, -3, 1, 0, 0, 1]);
  });

  it('brings 0 … 255 to −1 … 1', () => {
    expect([...whiten(Uint8Array.of(0, 255), [1, 1, 2, 1], range).data]).toEqual([-1, 1]);
  });

  it('refuses images that do not fit', () => {
    expect(() => whiten(new Uint8Array(3), [1, 1, 1, 3], channel)).toThrow(misfit);
    expect(() => whiten(new Uint8Array(9), [1, 3, 3, 1], pixel)).toThrow(misfit);
    expect(() => whiten(new Uint8Array(5), [1, 2, 2, 1], pixel)).toThrow(
      expect.objectContaining({ code: 'LAPYRA_IMAGE_SHAPE' }) as LapyraError,
    );
  });
});

describe('dewhiten', () => {
  it('is the inverse of whiten on pixels', () => {
    const pixels = Uint8Array.from({ length: 512 }, (_, i) => i % 256);
    for (const whitening of [channel, { ...channel, scale: Float32Array.of(61.73, 1e-7) }]) {
      const there = whiten(pixels, [1, 16, 16, 2], whitening);
      expect(dewhiten(there, whitening)).toEqual(pixels);
    }
    const small = Uint8Array.from(randomStream('pixels').integers(40, 256));
    expect(dewhiten(whiten(small, [10, 2, 2, 1], pixel), pixel)).toEqual(small);
  });

  it('rounds half to even and clamps', () => {
    const plain: Whitening = { ...range, mean: Float32Array.of(0), scale: Float32Array.of(1) };
    const values = Float32Array.of(0.5, 1.5, 2.5, 254.5, -3, 300, Number.NaN, 7.49);
    expect([...dewhiten(imageBatch([1, 1, 8, 1], values), plain)]).toEqual([
      0, 2, 2, 254, 0, 255, 0, 7,
    ]);
  });

  it('averages maps of positions for smaller images', () => {
    const images = imageBatch([2, 1, 1, 1], Float32Array.of(0, 2));
    expect([...dewhiten(images, pixel)]).toEqual([25, 30]); // mean 25, scale 2.5
    const wide = imageBatch([1, 1, 2, 1], Float32Array.of(1, 1));
    expect([...dewhiten(wide, pixel)]).toEqual([22, 33]); // 20 + 2, 30 + 3
  });

  it('divides by the gain of the level', () => {
    const images = imageBatch([1, 1, 1, 2], Float32Array.of(4, -4));
    expect([...dewhiten(images, channel, 4)]).toEqual([150, 25]);
  });

  it('refuses images that do not fit', () => {
    expect(() => dewhiten(imageBatch([1, 3, 2, 1]), pixel)).toThrow(misfit);
    expect(() => dewhiten(imageBatch([1, 3, 2, 3]), channel)).toThrow(misfit);
  });
});
