import { expect } from 'vitest';

/** Numbers in order: an array, a typed array, or a tensor on the host. */
export type Numbers = ArrayLike<number> | { readonly data: ArrayLike<number> };

export interface Closeness {
  /** Allowed difference as a part of the expected value. @default 0 */
  readonly relative?: number;
  /** Allowed difference whatever the expected value. @default 0 */
  readonly absolute?: number;
}

/**
 * Expect each number to be near its counterpart: |actual − expected| ≤ absolute + relative · |expected|.
 *
 * NaN is near NaN alone, and an infinity is near itself alone. On failure the message names the worst element.
 */
export function expectClose(actual: Numbers, expected: Numbers, closeness: Closeness): void {
  const { relative = 0, absolute = 0 } = closeness;
  const a = listed(actual);
  const e = listed(expected);
  expect(a.length, 'number of elements').toBe(e.length);
  let worst = -1;
  let excess = 0;
  for (let i = 0; i < e.length; i++) {
    const over = excessOf(a[i]!, e[i]!, absolute + relative * Math.abs(e[i]!));
    if (over > excess) [worst, excess] = [i, over];
  }
  if (worst < 0) return;
  expect.fail(
    `element ${worst} of ${e.length}: expected ${e[worst]} ± (${absolute} + ${relative} · |expected|), got ${a[worst]}`,
  );
}

/**
 * Expect two tensors to be near as vectors: ‖actual − expected‖ ≤ relative · ‖expected‖ + absolute, with Euclidean norms.
 * It is the fair measure of a whole weight tensor, in which single elements may be near 0.
 */
export function expectCloseInNorm(actual: Numbers, expected: Numbers, closeness: Closeness): void {
  const { relative = 0, absolute = 0 } = closeness;
  const a = listed(actual);
  const e = listed(expected);
  expect(a.length, 'number of elements').toBe(e.length);
  let difference = 0;
  let length = 0;
  for (let i = 0; i < e.length; i++) {
    difference += distance(a[i]!, e[i]!) ** 2;
    length += e[i]! ** 2;
  }
  const allowed = relative * Math.sqrt(length) + absolute;
  if (Math.sqrt(difference) <= allowed) return;
  expect.fail(
    `‖actual − expected‖: expected at most ${allowed} (‖expected‖ is ${Math.sqrt(length)}), got ${Math.sqrt(difference)}`,
  );
}

function listed(numbers: Numbers): ArrayLike<number> {
  return 'data' in numbers ? numbers.data : numbers;
}

/** By how much a number is farther off than it may; infinite where one of the two is not a finite number. */
function excessOf(actual: number, expected: number, allowed: number): number {
  const off = distance(actual, expected);
  if (off === 0) return 0;
  return Number.isFinite(off) ? off - allowed : Infinity;
}

function distance(a: number, b: number): number {
  return Object.is(a, b) || a === b ? 0 : Math.abs(a - b);
}
