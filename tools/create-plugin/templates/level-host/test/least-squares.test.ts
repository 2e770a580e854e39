import { expect, it } from 'vitest';
import { createLeastSquares } from '../src/least-squares.js';

it('finds the line through points that lie on one', () => {
  const squares = createLeastSquares(2);
  for (const x of [-2, 0, 1, 5]) squares.add([x, 1], 3 * x - 2);
  const [slope, offset] = squares.solve();
  expect(slope).toBeCloseTo(3, 4);
  expect(offset).toBeCloseTo(-2, 4);
});

it('finds the line nearest to points that do not', () => {
  // By hand: means 1 and 2, Σ (x − 1)(y − 2) = 3 and Σ (x − 1)² = 2, so the slope is 1.5.
  const squares = createLeastSquares(2);
  for (const [x, y] of [
    [0, 1],
    [1, 1],
    [2, 4],
  ] as const)
    squares.add([x, 1], y);
  const [slope, offset] = squares.solve();
  expect(slope).toBeCloseTo(1.5, 4);
  expect(offset).toBeCloseTo(0.5, 4);
});

it('has an answer where two variables say the same', () => {
  const squares = createLeastSquares(2);
  for (const x of [1, 2, 3]) squares.add([x, x], 4 * x);
  const [a, b] = squares.solve();
  expect(a! + b!).toBeCloseTo(4, 3);
});
