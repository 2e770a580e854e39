import { describe, expect, it } from 'vitest';
import { philoxBlocks } from './philox.js';
import { openPhiloxSimd } from './philox-simd.js';

const fill = openPhiloxSimd()!;

describe('openPhiloxSimd', () => {
  // Known answer of Random123 1.14 (https://github.com/DEShawResearch/random123, tests/kat_vectors), philox4x32 10.
  it('gives the published answer', () => {
    const out = new Uint32Array(4);
    fill([0, 0], 0, 0, out);
    expect([...out]).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
  });

  it.each([4, 16, 20, 0x4000, 0x4000 + 4, 0x9000 + 12])(
    'gives the words that JavaScript makes one by one: %i',
    (length) => {
      for (const [key, low, high] of [
        [[0xa4093822, 0x299f31d0], 0, 0],
        [[7, 0xffffffff], 0x85a308d3, 0xffffffff],
        [[0xffffffff, 0], 0x7ffffffe, 5],
      ] as const) {
        const out = new Uint32Array(length);
        fill(key, low, high, out);
        const want = new Uint32Array(length);
        philoxBlocks(key, [low, high, 0, 0], want, length / 4);
        expect(out).toEqual(want);
      }
    },
  );

  it('is not there where there is no WebAssembly, or it is forbidden', () => {
    const { WebAssembly: kept } = globalThis as { WebAssembly?: unknown };
    const forbidden = {
      Module: function refuse() {
        throw new Error('forbidden by the policy of the page');
      },
    };
    try {
      for (const other of [undefined, forbidden]) {
        Object.assign(globalThis, { WebAssembly: other });
        expect(openPhiloxSimd()).toBeNull();
      }
    } finally {
      Object.assign(globalThis, { WebAssembly: kept });
    }
  });
});
