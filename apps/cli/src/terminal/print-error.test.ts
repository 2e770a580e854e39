import { stripVTControlCharacters } from 'node:util';
import { LapyraError } from '@lapyra/core';
import { describe, expect, it, vi } from 'vitest';
import { printError } from './print-error.js';

function printed(error: unknown, stack?: boolean): string {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  printError(error, stack);
  const text = stripVTControlCharacters(write.mock.calls.map(([part]) => String(part)).join(''));
  write.mockRestore();
  return text;
}

describe('printError', () => {
  it('prints message, code and hint of a foreseen error', () => {
    const error = new LapyraError('LAPYRA_SOME_CODE', 'a: expected b, got c.', { hint: 'Try d.' });
    expect(printed(error)).toBe('error a: expected b, got c. (LAPYRA_SOME_CODE)\nhint  Try d.\n');
  });

  it('owns up to any other, with its stack only if asked for', () => {
    const error = new TypeError('x is not a function');
    expect(printed(error)).toBe(
      'error x is not a function\nhint  This is a fault of Lapyra; run again with --stack.\n',
    );
    const withStack = printed(error, true);
    expect(withStack).toContain('This is a fault of Lapyra.\n');
    expect(withStack).toContain('TypeError: x is not a function\n    at ');
    expect(printed('odd')).toContain('error odd\n');
  });
});
