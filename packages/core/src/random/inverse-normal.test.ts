import { describe, expect, it } from 'vitest';
import { inverseNormal, logarithm } from './inverse-normal.js';

describe('inverseNormal', () => {
  // The first three are the check values printed in AS 241; the others come from mpmath 1.3 with 40 digits.
  it.each([
    [0.25, -0.6744897501960817],
    [0.001, -3.090232306167814],
    [1e-20, -9.262340089798408],
    [0.975, 1.959963984540054235],
    [0.995, 2.575829303548900761],
    [0.9, 1.281551565544600466],
    [0.075, -1.439531470938455915],
    [0.5, 0],
  ])('is the quantile at %d', (p, x) => {
    expect(Math.abs(inverseNormal(p) - x)).toBeLessThanOrEqual(4e-16 * Math.abs(x));
  });

  it('is odd about ½, and without jumps where its three formulas meet', () => {
    for (const p of [2 ** -33, 2 ** -20, 2 ** -7, 0.0625, 0.125, 0.25]) {
      expect(inverseNormal(1 - p)).toBe(-inverseNormal(p));
    }
    for (const p of [0.075, 0.925, Math.exp(-25)]) {
      const near = inverseNormal(p * (1 + 1e-12)) - inverseNormal(p * (1 - 1e-12));
      expect(near).toBeGreaterThan(0);
      expect(near).toBeLessThan(2e-11);
    }
  });

  it('has bounds and knows nonsense', () => {
    expect(inverseNormal(0)).toBe(-Infinity);
    expect(inverseNormal(1)).toBe(Infinity);
    expect(inverseNormal(-0.1)).toBeNaN();
    expect(inverseNormal(1.1)).toBeNaN();
    expect(inverseNormal(Number.NaN)).toBeNaN();
  });
});

describe('logarithm', () => {
  it.each([
    [1, 0],
    [2, 0.693147180559945309],
    [Math.SQRT2, 0.346573590279972655],
    [Math.SQRT1_2, -0.346573590279972655],
    [0.1, -2.302585092994045684],
    [10, 2.302585092994045684],
    [1e-300, -690.775527898213705],
    [5e-324, -744.440071921381262],
    [1.7976931348623157e308, 709.782712893383996],
  ])('of %d', (x, log) => {
    expect(Math.abs(logarithm(x) - log)).toBeLessThanOrEqual(5e-16 * Math.abs(log));
  });

  it('agrees with the engine to rounding', () => {
    let worst = 0;
    for (let i = 1; i < 20_000; i += 1) {
      const log = Math.log(i / 4096);
      const error = Math.abs(logarithm(i / 4096) - log);
      worst = Math.max(worst, error / Math.max(Math.abs(log), 1e-6));
    }
    expect(worst).toBeLessThan(8e-16);
  });
});
