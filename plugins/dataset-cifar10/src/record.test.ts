import { describe, expect, it } from 'vitest';
import { packRecords, RECORD_BYTES, unpackRecords } from './record.js';

describe('unpackRecords', () => {
  it('puts the three planes side by side', () => {
    const records = new Uint8Array(2 * RECORD_BYTES);
    records[RECORD_BYTES] = 7; // label of the second image
    const second = RECORD_BYTES + 1;
    records[second + 0 * 1024 + 33] = 10; // red of row 1, column 1
    records[second + 1 * 1024 + 33] = 20;
    records[second + 2 * 1024 + 33] = 30;
    const { pixels, labels } = unpackRecords(records);
    expect([...labels]).toEqual([0, 7]);
    expect([...pixels.subarray(3072 + 33 * 3, 3072 + 33 * 3 + 3)]).toEqual([10, 20, 30]);
    expect(pixels.reduce((a, b) => a + b, 0)).toBe(60);
    expect(packRecords(pixels, labels)).toEqual(records);
  });
});
