import { describe, expect, it } from 'vitest';
import type { LapyraError } from '../error.js';
import { loadWhitening, storeWhitening, type Whitening, whiteningTensors } from './whitening.js';

const whitening: Whitening = {
  kind: 'pixel',
  shape: [1, 1, 2, 1],
  mean: Float32Array.of(0.1, 122.7),
  scale: Float32Array.of(61.73, 1e-7),
};

describe('storeWhitening and loadWhitening', () => {
  it('survive JSON to the bit', () => {
    const text = JSON.stringify(storeWhitening(whitening));
    expect(loadWhitening(JSON.parse(text) as ReturnType<typeof storeWhitening>)).toEqual(whitening);
  });

  it.each([
    ['another kind', { kind: 'instance' as 'range' }, "kind 'instance'"],
    ['another shape', { shape: [2, 1] }, "shape [2, 1] of kind 'pixel'"],
    ['positions for channels', { kind: 'channel' }, "shape [1, 1, 2, 1] of kind 'channel'"],
    ['too few numbers', { mean: [1] }, '1 means and 2 scales for shape [1, 1, 2, 1]'],
    ['a mean of NaN', { mean: [Number.NaN, 1] }, 'a mean that is not finite'],
    ['a scale of 0', { scale: [0, 1] }, 'a scale that is not above 0'],
  ] as const)('refuse %s', (_, change, got) => {
    expect(() => loadWhitening({ ...storeWhitening(whitening), ...change })).toThrow(
      expect.objectContaining({
        code: 'LAPYRA_WHITENING_INVALID',
        message: `whitening: expected means and scales of shape [1, H, W, C] or [1, 1, 1, C], got ${got}.`,
      }) as LapyraError,
    );
  });
});

describe('whiteningTensors', () => {
  it('gives state tensors', () => {
    expect(whiteningTensors(whitening)).toEqual({
      'whitening.mean': { dtype: 'float32', shape: [1, 1, 2, 1], data: whitening.mean },
      'whitening.scale': { dtype: 'float32', shape: [1, 1, 2, 1], data: whitening.scale },
    });
  });
});
