import { describe, expect, it } from 'vitest';
import { modelMetadata } from './index.js';

describe('modelMetadata', () => {
  it('reads field 14 and skips all others', () => {
    const file = [
      [0x08, 0x88, 0x01], // field 1, a number of two bytes
      [0x15, 1, 2, 3, 4], // field 2, 32 bits
      [0x19, 1, 2, 3, 4, 5, 6, 7, 8], // field 3, 64 bits
      [0x72, 6, 0x0a, 1, 0x61, 0x12, 1, 0x62], // field 14: a → b
      [0x3a, 2, 0xff, 0xff], // field 7: a graph that is not looked into
      [0x72, 3, 0x0a, 1, 0x63], // field 14: c without a value
    ].flat();
    expect(modelMetadata(Uint8Array.from(file))).toEqual({ a: 'b', c: '' });
  });

  it('refuses bytes that are no protocol buffer', () => {
    for (const bytes of [[0x72, 200, 1], [0x08, 0x80], [0x0b], [0x19, 1]])
      expect(() => modelMetadata(Uint8Array.from(bytes))).toThrow(RangeError);
  });
});
