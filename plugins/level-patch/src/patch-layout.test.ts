import { describe, expect, it } from 'vitest';
import { patchLayout } from './patch-layout.js';

describe('patchLayout', () => {
  it('puts the last patch at the border, and shares pixels by hats', () => {
    const { rows, columns, weights } = patchLayout([3, 6], 3, 2);
    expect(rows).toEqual([0]);
    expect(columns).toEqual([0, 2, 3]);
    // Down there is one patch: 1. Across the hats 1 2 1 begin at 0, 2 and 3: pixels 0…5 sum to 1 2 2 3 3 1.
    const row = (patch: number): number[] => [...weights.slice(patch * 9, patch * 9 + 3)];
    expect(row(0)).toEqual([1, 1, 0.5]);
    expect(row(1)[0]).toBe(0.5);
    expect(row(1)[1]).toBeCloseTo(2 / 3, 6);
    expect(row(1)[2]).toBeCloseTo(1 / 3, 6);
    expect(row(2)[2]).toBe(1);
  });

  it.each([
    [28, 28, 5, 3],
    [14, 20, 4, 4],
    [9, 7, 7, 1],
    [12, 12, 5, 5],
    [5, 5, 5, 2],
  ])(
    'covers %d×%d with patches of %d at steps of %d, weights adding up to 1',
    (h, w, patch, step) => {
      const { rows, columns, weights } = patchLayout([h, w], patch, step);
      const sums = new Float64Array(h * w);
      let at = 0;
      for (const top of rows)
        for (const left of columns)
          for (let y = 0; y < patch; y += 1)
            for (let x = 0; x < patch; x += 1) sums[(top + y) * w + left + x]! += weights[at++]!;
      expect(at).toBe(weights.length);
      expect(Math.min(...weights)).toBeGreaterThan(0);
      for (const sum of sums) expect(sum).toBeCloseTo(1, 6);
    },
  );
});
