import { describe, expect, it } from 'vitest';
import { LapyraError } from './error.js';

describe('LapyraError', () => {
  it('carries code, message, hint and cause', () => {
    const cause = new Error('below');
    const error = new LapyraError('LAPYRA_TEST_ONE', 'a: expected b, got c.', {
      hint: 'Do d.',
      cause,
    });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'LapyraError',
      code: 'LAPYRA_TEST_ONE',
      message: 'a: expected b, got c.',
      hint: 'Do d.',
      cause,
    });
    expect('cause' in new LapyraError('LAPYRA_TEST_ONE', 'x')).toBe(false);
  });

  it('is told apart by kind and code, also across copies of the package', () => {
    const error = new LapyraError('LAPYRA_TEST_ONE', 'x');
    expect(LapyraError.is(error)).toBe(true);
    expect(LapyraError.is(error, 'LAPYRA_TEST_ONE')).toBe(true);
    expect(LapyraError.is(error, 'LAPYRA_TEST_TWO')).toBe(false);
    expect(LapyraError.is(new Error('x'))).toBe(false);
    expect(LapyraError.is({ isLapyraError: true, code: 'LAPYRA_TEST_ONE' })).toBe(false);
    const copy = Object.assign(new Error('x'), { isLapyraError: true, code: 'LAPYRA_TEST_ONE' });
    expect(LapyraError.is(copy, 'LAPYRA_TEST_ONE')).toBe(true);
  });
});
