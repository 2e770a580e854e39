import { describe, expect, it } from 'vitest';
import { axisMatrix, boxWeights, linearWeights } from './axis-weights.js';

function rows(matrix: Float32Array, from: number): number[][] {
  return Array.from({ length: matrix.length / from }, (_, i) => [
    ...matrix.subarray(i * from, (i + 1) * from),
  ]);
}

describe('boxWeights', () => {
  it('averages boxes of 3.5 pixels for 7 → 2', () => {
    const seventh = Math.fround(1 / 7);
    const two = Math.fround(2 / 7);
    expect(rows(axisMatrix(boxWeights(7, 2)), 7)).toEqual([
      [two, two, two, seventh, 0, 0, 0],
      [0, 0, 0, seventh, two, two, two],
    ]);
  });

  it('averages pairs for 4 → 2', () => {
    expect(rows(axisMatrix(boxWeights(4, 2)), 4)).toEqual([
      [0.5, 0.5, 0, 0],
      [0, 0, 0.5, 0.5],
    ]);
  });

  it.each([
    [28, 8],
    [28, 14],
    [32, 28],
    [17, 5],
    [9, 9],
    [13, 1],
  ])('is the mean over pieces for %d → %d', (from, to) => {
    // Each pixel cut into `to` pieces: then every box is a run of exactly `from` of them.
    const matrix = rows(axisMatrix(boxWeights(from, to)), from);
    expect(matrix).toHaveLength(to);
    for (const [i, row] of matrix.entries()) {
      const pieces = Array.from({ length: from }, () => 0);
      for (let piece = i * from; piece < (i + 1) * from; piece += 1)
        pieces[Math.floor(piece / to)]! += 1;
      expect(row).toEqual(pieces.map((count) => Math.fround(count / from)));
    }
  });
});

describe('linearWeights', () => {
  it('keeps the corners for 3 → 5 and 2 → 4', () => {
    expect(rows(axisMatrix(linearWeights(3, 5)), 3)).toEqual([
      [1, 0, 0],
      [0.5, 0.5, 0],
      [0, 1, 0],
      [0, 0.5, 0.5],
      [0, 0, 1],
    ]);
    const third = Math.fround(1 / 3);
    const rest = Math.fround(2 / 3);
    expect(rows(axisMatrix(linearWeights(2, 4)), 2)).toEqual([
      [1, 0],
      [rest, third],
      [third, rest],
      [0, 1],
    ]);
  });

  it('repeats a single pixel, and leaves equal lengths alone', () => {
    expect(rows(axisMatrix(linearWeights(1, 3)), 1)).toEqual([[1], [1], [1]]);
    expect(rows(axisMatrix(linearWeights(2, 2)), 2)).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(rows(axisMatrix(linearWeights(1, 1)), 1)).toEqual([[1]]);
  });

  it.each([
    [8, 14],
    [14, 28],
    [5, 96],
  ])('brings back a straight line for %d → %d', (from, to) => {
    for (const [i, row] of rows(axisMatrix(linearWeights(from, to)), from).entries()) {
      const at = row.reduce((sum, weight, input) => sum + weight * input, 0);
      expect(at).toBeCloseTo((i * (from - 1)) / (to - 1), 5);
    }
  });
});
