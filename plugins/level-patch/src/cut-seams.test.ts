import { randomStream } from '@lapyra/core';
import { describe, expect, it } from 'vitest';
import { cutSeams } from './cut-seams.js';

/** What stays in each row, by trying every path through the left columns that moves by at most one. */
function bestPath(cost: readonly (readonly number[])[]): number[] {
  const width = cost[0]!.length;
  let best: number[] = [];
  let least = Infinity;
  const walk = (path: number[], sum: number): void => {
    if (path.length === cost.length) {
      if (sum < least) [best, least] = [path, sum];
      return;
    }
    for (let lane = 0; lane < width; lane += 1)
      if (path.length === 0 || Math.abs(lane - path.at(-1)!) <= 1)
        walk([...path, lane], sum + cost[path.length]![lane]!);
  };
  walk([], 0);
  return best;
}

describe('cutSeams', () => {
  it('takes everything where nothing overlaps', () => {
    expect([...cutSeams(new Float64Array(9), 3, 0, 0)]).toEqual(Array.from({ length: 9 }, () => 1));
  });

  it('cuts along the path of least difference, in both directions', () => {
    const patch = 5;
    const differences = Float64Array.from(randomStream('seam').uniform(patch * patch));
    const at = (y: number, x: number): number => differences[y * patch + x]!;
    const line = [0, 1, 2, 3, 4];
    const left = bestPath(line.map((y) => [0, 1, 2].map((x) => at(y, x))));
    const top = bestPath(line.map((x) => [0, 1].map((y) => at(y, x))));
    const expected = line.flatMap((y) => line.map((x) => (x >= left[y]! && y >= top[x]! ? 1 : 0)));
    expect([...cutSeams(differences, patch, 3, 2)]).toEqual(expected);
    expect(expected).toContain(0);
    // What lies beyond the overlaps is always the new patch's.
    for (const y of [2, 3, 4]) for (const x of [3, 4]) expect(expected[y * patch + x]).toBe(1);
  });
});
