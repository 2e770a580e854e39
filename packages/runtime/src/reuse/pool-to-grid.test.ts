import { describe, expect, it } from 'vitest';
import { poolToGrid } from './pool-to-grid.js';

describe('poolToGrid', () => {
  it('keeps the largest value of each cell, channel by channel', () => {
    // Two channels of 8 × 8: one counts up, the other down. The cell at (y, x) holds the rows 2y, 2y + 1 and columns 2x, 2x + 1.
    const data = Float32Array.from({ length: 8 * 8 * 2 }, (_, at) =>
      at % 2 === 0 ? at / 2 : -(at - 1) / 2,
    );
    const { data: pooled, shape } = poolToGrid(data, [1, 8, 8, 2]);
    expect(shape).toEqual([1, 4, 4, 2]);
    const cell = (y: number, x: number): number[] => [
      ...pooled.subarray((y * 4 + x) * 2).slice(0, 2),
    ];
    expect(cell(0, 0)).toEqual([9, -0]);
    expect(cell(3, 2)).toEqual([61, -52]);
  });

  it('divides sides that are no multiple of 4 into cells that differ by one pixel', () => {
    // Columns 0–6 fall to cells 0, 0, 1, 1, 2, 2, 3; a side of 3 stays.
    const data = Float32Array.from({ length: 2 * 3 * 7 }, (_, at) => at);
    const { data: pooled, shape } = poolToGrid(data, [2, 3, 7, 1]);
    expect(shape).toEqual([2, 3, 4, 1]);
    expect([...pooled.subarray(0, 4)]).toEqual([1, 3, 5, 6]);
    expect([...pooled.subarray(20)]).toEqual([36, 38, 40, 41]);
  });

  it('leaves small maps and vectors as they are', () => {
    for (const shape of [
      [1, 4, 4, 2],
      [2, 16],
    ]) {
      const data = new Float32Array(32).fill(1);
      expect(poolToGrid(data, shape)).toEqual({ data, shape });
    }
  });
});
