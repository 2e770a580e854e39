import { describe, expect, it } from 'vitest';
import type { LapyraError } from '../error.js';
import { randomStream } from '../random/random-stream.js';
import { measureWhitening } from './measure-whitening.js';

async function* batches(...parts: (Uint8Array | number[])[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Uint8Array.from(part);
}

describe('measureWhitening', () => {
  it('measures each channel', async () => {
    // Two images [1, 2, 2] in two batches: channel 0 has 0, 10, 20, 30, channel 1 has 5 throughout.
    const whitening = await measureWhitening(
      'channel',
      [1, 2],
      2,
      batches([0, 5, 10, 5], [20, 5, 30, 5]),
    );
    expect(whitening).toEqual({
      kind: 'channel',
      shape: [1, 1, 1, 2],
      mean: Float32Array.of(15, 5),
      scale: Float32Array.of(Math.sqrt(125) + 1e-7, 1e-7),
    });
  });

  it('measures each position', async () => {
    const whitening = await measureWhitening(
      'pixel',
      [1, 2],
      2,
      batches([0, 5, 10, 255, 20, 5, 13, 255]),
    );
    expect(whitening).toEqual({
      kind: 'pixel',
      shape: [1, 1, 2, 2],
      mean: Float32Array.of(10, 5, 11.5, 255),
      scale: Float32Array.of(10 + 1e-7, 1e-7, 1.5 + 1e-7, 1e-7),
    });
  });

  it('takes the plain range without reading', async () => {
    const unread: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => {
        throw new Error('read');
      },
    };
    expect(await measureWhitening('range', [4, 4], 3, unread)).toEqual({
      kind: 'range',
      shape: [1, 1, 1, 3],
      mean: Float32Array.of(127.5, 127.5, 127.5),
      scale: Float32Array.of(127.5, 127.5, 127.5),
    });
  });

  it('is exact where the mean is large and the spread small', async () => {
    // One pixel in 40 000 is 254, the others 255: variance (1/n)(1 − 1/n).
    const pixels = new Uint8Array(40_000).fill(255);
    pixels[7] = 254;
    const { mean, scale } = await measureWhitening('channel', [1, 1], 1, batches(pixels));
    expect(mean[0]).toBe(Math.fround(255 - 1 / 40_000));
    expect(scale[0]).toBe(Math.fround(Math.sqrt(39_999) / 40_000 + 1e-7));
  });

  it('does not depend on the batches', async () => {
    const pixels = Uint8Array.from(randomStream('whitening').integers(10 * 12, 256));
    const whole = await measureWhitening('pixel', [2, 2], 3, batches(pixels));
    const parts = batches(pixels.subarray(0, 12), [], pixels.subarray(12, 96), pixels.subarray(96));
    expect(await measureWhitening('pixel', [2, 2], 3, parts)).toEqual(whole);
  });

  it('refuses nothing at all, and parts of images', async () => {
    await expect(measureWhitening('channel', [2, 2], 3, batches())).rejects.toThrow(
      expect.objectContaining({
        code: 'LAPYRA_WHITENING_EMPTY',
        message: 'whitening: expected images, got none.',
      }) as LapyraError,
    );
    await expect(measureWhitening('pixel', [2, 2], 3, batches([1, 2, 3]))).rejects.toThrow(
      expect.objectContaining({
        code: 'LAPYRA_WHITENING_SHAPE',
        message: 'whitening: expected batches [n, 2, 2, 3], got 3 numbers.',
      }) as LapyraError,
    );
  });
});
