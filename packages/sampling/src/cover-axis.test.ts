import { describe, expect, it } from 'vitest';
import { coverAxis } from './cover-axis.js';

describe('coverAxis', () => {
  it.each([
    [14, 14, 28, undefined],
    [15, 14, 28, undefined],
    [100, 14, 28, undefined],
    [33, 14, 28, 0],
    [40, 16, 48, 15],
    [28, 8, 14, 3],
    [64, 8, 14, undefined],
    [9, 14, 28, undefined],
    // 1.4 · 45 is not 63 in floats, nor is (28/24) · 54.
    [65, 10, 14, undefined],
    [78, 24, 28, undefined],
  ])(
    'covers %d by tiles of %d, each of which becomes %d, with an overlap of %s',
    (length, tile, made, overlap) => {
      const { tiles } = coverAxis(length, tile, made, overlap);
      const sums = new Float64Array((Math.max(length, tile) * made) / tile);
      let before = Infinity;
      for (const { from, to, shares } of tiles) {
        expect(to).toBe((from * made) / tile);
        expect(Number.isInteger(to)).toBe(true);
        expect(shares).toHaveLength(made);
        expect(from).toBeLessThanOrEqual(before); // no gap to the one before
        before = from + tile - Math.min(overlap ?? Math.floor(tile / 2), 1);
        shares.forEach((share, i) => (sums[to + i]! += share));
      }
      for (const sum of sums) expect(sum).toBeCloseTo(1, 9);
      const last = tiles.at(-1)!;
      expect(Math.max(length, tile)).toBe(last.from + tile);
    },
  );

  it('gives the outer quarter of an overlap to the other tile', () => {
    const { tiles } = coverAxis(24, 16, 32, 8);
    expect(tiles.map(({ from }) => from)).toEqual([0, 8]);
    // Of 16 enlarged pixels that overlap the first four are the first tile's.
    expect(Math.max(...tiles[1]!.shares.slice(0, 4))).toBeLessThan(1e-8);
    expect(tiles[1]!.shares[7]).toBeCloseTo(3.5 / 8, 9);
    expect(Math.min(...tiles[1]!.shares.slice(12))).toBeGreaterThan(1 - 1e-8);
  });
});
