import { describe, expect, it } from 'vitest';
import { expectClose, expectCloseInNorm } from './expect-close.js';

describe('expectClose', () => {
  it('takes what lies within the absolute and the relative part together', () => {
    expectClose([100.5, 0.4], [100, 0], { relative: 0.001, absolute: 0.4 });
    expect(() => expectClose([100.51], [100], { relative: 0.001, absolute: 0.4 })).toThrow(
      'element 0 of 1: expected 100 ± (0.4 + 0.001 · |expected|), got 100.51',
    );
  });

  it('names the worst element', () => {
    expect(() => expectClose([1, 4, 2], [1, 1, 1], {})).toThrow(/^element 1 of 3/);
  });

  it('takes NaN for NaN and an infinity for itself, and for nothing else', () => {
    expectClose([NaN, Infinity, -Infinity], [NaN, Infinity, -Infinity], {});
    expect(() => expectClose([NaN], [1], { absolute: 1e9 })).toThrow(/got NaN/);
    expect(() => expectClose([1], [NaN], { absolute: 1e9 })).toThrow(/expected NaN/);
    expect(() => expectClose([Infinity], [-Infinity], { absolute: 1e9 })).toThrow(/element 0/);
    expect(() => expectClose([1, NaN], [1, 1], { absolute: 1 })).toThrow(/element 1/);
  });

  it('does not let an infinite expectation swallow everything', () => {
    expect(() => expectClose([1], [Infinity], { relative: 0.1 })).toThrow(/element 0/);
  });

  it('compares lengths', () => {
    expect(() => expectClose([1, 2], [1], {})).toThrow(/number of elements/);
  });

  it('reads typed arrays and tensors', () => {
    expectClose({ data: new Float32Array([0.1]) }, [0.1], { relative: 1e-7 });
  });
});

describe('expectCloseInNorm', () => {
  it('compares the length of the difference with the length of the expectation', () => {
    // ‖(0.03, 0.04)‖ = 0.05 and ‖(3, 4)‖ = 5.
    expectCloseInNorm([3.03, 4.04], [3, 4], { relative: 0.0101 });
    expect(() => expectCloseInNorm([3.03, 4.04], [3, 4], { relative: 0.0099 })).toThrow(/at most/);
    expectCloseInNorm([0.03, 0.04], [0, 0], { absolute: 0.0501 });
  });

  it('refuses NaN in one of the two', () => {
    expect(() => expectCloseInNorm([NaN, 1], [1, 1], { absolute: 1e9 })).toThrow(/got NaN/);
    expect(() => expectCloseInNorm([1], [NaN], { absolute: 1e9 })).toThrow(/got NaN/);
  });
});
