import { describe, expect, it } from 'vitest';
import { allViews, middleViews } from './crop-views.js';
import { createRanking } from './nearest-vectors.js';
import { summarise } from './neighbours-summary.js';

const view = { top: 0, left: 0, mirrored: false };
const mirrored = { ...view, mirrored: true };

describe('createRanking', () => {
  it('keeps the nearest in order, each image once by its nearest view, the first of equals', () => {
    const ranking = createRanking(2);
    for (const [index, distance] of [
      [7, 5],
      [3, 4],
      [9, 4],
      [1, 6],
    ] as const)
      ranking.offer({ index, view, distance });
    expect(ranking.list().map(({ index }) => index)).toEqual([3, 9]);
    ranking.offer({ index: 9, view: mirrored, distance: 1 });
    ranking.offer({ index: 3, view: mirrored, distance: 9 });
    expect(ranking.list()).toEqual([
      { index: 9, view: mirrored, distance: 1 },
      { index: 3, view, distance: 4 },
    ]);
  });
});

describe('summarise', () => {
  const found = (
    ...distances: number[]
  ): { index: number; view: typeof view; distance: number }[][] =>
    distances.map((distance) => [
      { index: 0, view, distance },
      { index: 1, view, distance: 99 },
    ]);

  it('goes by the first neighbour of each, between values in a straight line', () => {
    // Of 0, 10, … 100 one in twenty is at half the way from the first to the second.
    const aside = found(...Array.from({ length: 11 }, (_, at) => (10 - at) * 10));
    expect(summarise(found(4.9, 5, 80), aside)).toEqual({
      samples: { least: 4.9, median: 5 },
      keptAside: { count: 11, least: 0, twentieth: 5, median: 50 },
      nearer: 1,
    });
  });

  it('does without images kept aside', () => {
    expect(summarise(found(2, 1), [])).toEqual({
      samples: { least: 1, median: 1.5 },
      keptAside: null,
      nearer: 0,
    });
  });
});

describe('views', () => {
  it('are all places where there are few, mirrored if training mirrors', () => {
    expect(allViews({ slack: [1, 0] }, true)).toEqual([
      { top: 0, left: 0, mirrored: false },
      { top: 0, left: 0, mirrored: true },
      { top: 1, left: 0, mirrored: false },
      { top: 1, left: 0, mirrored: true },
    ]);
    expect(allViews({ slack: [8, 8] }, false)).toHaveLength(81);
  });

  it('are nine places a side where there are more, the first and the last among them', () => {
    const tops = allViews({ slack: [100, 0] }, false).map(({ top }) => top);
    expect(tops).toEqual([0, 13, 25, 38, 50, 63, 75, 88, 100]);
  });

  it('of the middle are those of crop readers', () => {
    expect(middleViews({ slack: [5, 4] }, false)).toEqual([{ top: 2, left: 2, mirrored: false }]);
  });
});
