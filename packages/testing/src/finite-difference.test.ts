import { describe, expect, it } from 'vitest';
import { expectClose } from './expect-close.js';
import { finiteDifference } from './finite-difference.js';

describe('finiteDifference', () => {
  it('finds the gradient of x²y + sin(y): (2xy, x² + cos(y))', () => {
    const f = ([x = 0, y = 0]: Float64Array): number => x * x * y + Math.sin(y);
    expectClose(finiteDifference(f, [3, -2]), [-12, 9 + Math.cos(-2)], { relative: 1e-7 });
  });

  it('leaves the point as it was', () => {
    const x = new Float64Array([1, 2]);
    finiteDifference((p) => p[0]! * p[1]!, x);
    expect([...x]).toEqual([1, 2]);
  });

  it('takes the step that it is told', () => {
    // At step h the central difference of x³ at 0 is exactly h².
    expectClose(
      finiteDifference(([x = 0]) => x ** 3, [0], { step: 0.5 }),
      [0.25],
      {},
    );
  });
});
