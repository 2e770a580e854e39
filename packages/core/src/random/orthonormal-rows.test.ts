import { describe, expect, it } from 'vitest';
import { orthonormalRows } from './orthonormal-rows.js';

describe('orthonormalRows', () => {
  it.each([
    [8, 196],
    [16, 16],
  ])('makes %i rows of %i at right angles and of length 1', (rows, columns) => {
    const basis = orthonormalRows(rows, columns, 1, 'test');
    for (let a = 0; a < rows; a += 1)
      for (let b = 0; b <= a; b += 1) {
        let dot = 0;
        for (let i = 0; i < columns; i += 1)
          dot += basis[a * columns + i]! * basis[b * columns + i]!;
        expect(dot).toBeCloseTo(a === b ? 1 : 0, 6);
      }
  });

  it('turns with its key', () => {
    expect(orthonormalRows(2, 9, 1)).toEqual(orthonormalRows(2, 9, 1));
    expect(orthonormalRows(2, 9, 1)).not.toEqual(orthonormalRows(2, 9, 2));
  });
});
