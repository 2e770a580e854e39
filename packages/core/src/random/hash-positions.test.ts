import { describe, expect, it } from 'vitest';
import { hashPositions } from './hash-positions.js';

describe('hashPositions', () => {
  it('deals the variables out evenly, so that each is used', () => {
    const { index } = hashPositions(10, 196, 1);
    const uses = new Array<number>(10).fill(0);
    for (const variable of index) uses[variable]! += 1;
    // 196 = 10 · 19 + 6: six variables at 20 positions, four at 19.
    expect(uses.toSorted((a, b) => a - b)).toEqual([19, 19, 19, 19, 20, 20, 20, 20, 20, 20]);
  });

  it('is a permutation where there are as many variables as positions', () => {
    const { index } = hashPositions(49, 49, 3);
    expect([...index].toSorted((a, b) => a - b)).toEqual([...Array(49).keys()]);
    expect([...index]).not.toEqual([...Array(49).keys()]);
  });

  it('has as many signs of both kinds, and positions without order, up to chance', () => {
    const { index, sign } = hashPositions(2, 10_000, 1);
    expect(new Set(sign)).toEqual(new Set([1, -1]));
    // Four deviations of a binomial count: 4 · √(10 000 / 4) = 200.
    expect(Math.abs(sign.reduce((sum, one) => sum + one, 0))).toBeLessThan(400);
    const same = index.filter((variable, at) => variable === index[at + 1]).length;
    expect(Math.abs(same - 5000)).toBeLessThan(200);
    // Sign and variable are independent.
    const both = sign.filter((one, at) => one === 1 && index[at] === 1).length;
    expect(Math.abs(both - 2500)).toBeLessThan(174);
  });

  it('is the same for the same key, and another for another', () => {
    expect(hashPositions(5, 40, 1, '14')).toEqual(hashPositions(5, 40, 1, '14'));
    expect(hashPositions(5, 40, 1, '14').index).not.toEqual(hashPositions(5, 40, 2, '14').index);
    expect(hashPositions(5, 40, 1, '14').sign).not.toEqual(hashPositions(5, 40, 1, '28').sign);
  });
});
