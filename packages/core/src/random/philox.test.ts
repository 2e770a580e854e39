import { describe, expect, it } from 'vitest';
import { philoxBlocks, philoxFill } from './philox.js';

const hex = (words: Uint32Array): string[] =>
  [...words].map((w) => w.toString(16).padStart(8, '0'));

describe('philoxBlocks', () => {
  // Known answers of Random123 1.14 (https://github.com/DEShawResearch/random123, tests/kat_vectors), philox4x32 10.
  it.each([
    { counter: [0, 0, 0, 0], key: [0, 0], words: '6627e8d5 e169c58d bc57ac4c 9b00dbd8' },
    {
      counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      key: [0xffffffff, 0xffffffff],
      words: '408f276d 41c83b0e a20bc7c6 6d5451fd',
    },
    {
      counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      key: [0xa4093822, 0x299f31d0],
      words: 'd16cfe09 94fdcceb 5001e420 24126ea1',
    },
  ] as const)('gives the published answer for counter $counter', ({ counter, key, words }) => {
    const out = new Uint32Array(4);
    philoxBlocks(key, counter, out, 1);
    expect(hex(out).join(' ')).toBe(words);
  });

  it('carries from the first counter word into the second', () => {
    const run = new Uint32Array(8);
    philoxBlocks([7, 9], [0xffffffff, 4, 0, 0], run, 2);
    const next = new Uint32Array(4);
    philoxBlocks([7, 9], [0, 5, 0, 0], next, 1);
    expect(run.subarray(4)).toEqual(next);
  });
});

describe('philoxFill', () => {
  it('gives any stretch of the sequence', () => {
    const all = new Uint32Array(64);
    philoxFill([1, 2], 0, all);
    for (let first = 0; first < 12; first += 1) {
      for (const length of [0, 1, 3, 4, 8, 11]) {
        const part = new Uint32Array(length);
        philoxFill([1, 2], first, part);
        expect(part).toEqual(all.slice(first, first + length));
      }
    }
  });

  it('reaches beyond 2³² blocks', () => {
    const far = new Uint32Array(4);
    philoxFill([1, 2], 4 * (3 * 2 ** 32 + 5), far);
    const block = new Uint32Array(4);
    philoxBlocks([1, 2], [5, 3, 0, 0], block, 1);
    expect(far).toEqual(block);
  });

  it('gives long stretches as block by block, from anywhere and across 2³² blocks', () => {
    for (const first of [0, 2, 4 * (2 ** 32 - 20), 4 * (2 ** 32 - 3) + 1, 4 * (2 ** 40 + 7)]) {
      const part = new Uint32Array(301);
      philoxFill([3, 0x9e3779b9], first, part);
      for (const at of [0, 1, 17, 150, 300]) {
        const block = Math.floor((first + at) / 4);
        const counter = [block % 2 ** 32, Math.floor(block / 2 ** 32), 0, 0] as const;
        const four = new Uint32Array(4);
        philoxBlocks([3, 0x9e3779b9], counter, four, 1);
        expect(part[at]).toBe(four[(first + at) % 4]);
      }
    }
  });
});
