import { describe, expect, it } from 'vitest';
import { isAbort } from './stop-on-interrupt.js';

describe('isAbort', () => {
  const stopped = AbortSignal.abort();

  it('knows the stop itself, as a signal throws it and as others report it', () => {
    expect(isAbort(stopped.reason, stopped)).toBe(true);
    expect(isAbort(AbortSignal.abort().reason, stopped)).toBe(true);
  });

  it('is false for what went wrong after the stop, and for any error without one', () => {
    expect(isAbort(new TypeError('x is not a function'), stopped)).toBe(false);
    expect(isAbort(stopped.reason, new AbortController().signal)).toBe(false);
  });
});
