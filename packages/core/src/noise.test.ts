import { describe, expect, it } from 'vitest';
import { conditionWidth } from './condition.js';
import { imageBatch } from './image-batch.js';
import type { LapyraError } from './error.js';
import { entropyBits, plane, vector } from './noise.js';

describe('entropyBits', () => {
  it('counts 1 bit for a uniform and ½·log₂(2πe) for a normal variable', () => {
    expect(entropyBits({ plane: plane([14, 20]) })).toBe(280);
    expect(entropyBits({ z: vector(100, { distribution: 'normal' }) })).toBeCloseTo(204.7095585, 6);
    expect(entropyBits({ a: vector(3), b: vector(4) })).toBe(7);
    expect(entropyBits({})).toBe(0);
  });
});

describe('conditionWidth', () => {
  it('is the number of classes, the width of the embedding, or 0', () => {
    expect(conditionWidth({ kind: 'classes', names: ['cat', 'dog'] })).toBe(2);
    expect(conditionWidth({ kind: 'embedding', width: 512 })).toBe(512);
    expect(conditionWidth({ kind: 'none' })).toBe(0);
  });
});

describe('imageBatch', () => {
  it('takes numbers as they are, or zeros', () => {
    const data = Float32Array.of(1, 2, 3, 4, 5, 6);
    expect(imageBatch([1, 1, 2, 3], data).data).toBe(data);
    expect(imageBatch([1, 1, 2, 1]).data).toEqual(new Float32Array(2));
  });

  it.each([[[2, 3, 3]], [[1, 2, 2, 1, 1]], [[1, 2, 2, 2]]])('refuses shape %j', (shape) => {
    expect(() => imageBatch(shape, new Float32Array(4))).toThrow(
      expect.objectContaining({ code: 'LAPYRA_IMAGE_SHAPE' }) as LapyraError,
    );
  });
});
