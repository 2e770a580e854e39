import { describe, expect, it } from 'vitest';
import type { LapyraError } from './error.js';
import { parseSizeName, sameSize, sizeName, toSize } from './size.js';

const invalid = expect.objectContaining({ code: 'LAPYRA_SIZE_INVALID' }) as LapyraError;

describe('toSize', () => {
  it('takes a side or a pair', () => {
    expect(toSize(28)).toEqual([28, 28]);
    expect(toSize([14, 20])).toEqual([14, 20]);
  });

  it.each([0, -4, 1.5, Number.NaN])('refuses %d', (side) => {
    expect(() => toSize(side)).toThrow(invalid);
    expect(() => toSize([8, side])).toThrow(invalid);
  });
});

describe('sizeName and parseSizeName', () => {
  it.each([
    [[14, 14], '14'],
    [[14, 20], '14x20'],
    [[1, 1], '1'],
  ] as const)('name %j %s, and back', (size, name) => {
    expect(sizeName(size)).toBe(name);
    expect(parseSizeName(name)).toEqual(size);
  });

  it.each(['', '0', '014', '14x', 'x14', '14x0', '14X20', '-3', '1.5', '14x20x3'])(
    'refuse %j',
    (name) => {
      expect(() => parseSizeName(name)).toThrow(invalid);
    },
  );
});

describe('sameSize', () => {
  it('compares both sides', () => {
    expect(sameSize([2, 3], [2, 3])).toBe(true);
    expect(sameSize([2, 3], [3, 2])).toBe(false);
  });
});
