import { describe, expect, it } from 'vitest';
import type { LapyraError } from '../error.js';
import { philoxBlocks } from './philox.js';
import { randomKey, randomKeys } from './random-key.js';

describe('randomKey', () => {
  it('is the documented hash', () => {
    // ['a'] is written 1 (a string), 1 (its length), 97, and 1 part: one Philox block under key (0, 0).
    const out = new Uint32Array(4);
    philoxBlocks([0, 0], [1, 1, 97, 1], out, 1);
    expect(randomKey(['a'])).toEqual([out[0], out[1]]);
    // [1] is written 2 (a number), 0x3ff00000, 0, and 1 part.
    philoxBlocks([0, 0], [2, 0x3ff00000, 0, 1], out, 1);
    expect(randomKey([1])).toEqual([out[0], out[1]]);
  });

  it('tells different paths apart', () => {
    const paths: (string | number)[][] = [
      ['ab'],
      ['a', 'b'],
      ['b', 'a'],
      ['a', 'b', ''],
      ['', 'a', 'b'],
      [''],
      ['', ''],
      ['a\u0000'],
      ['a'],
      [1],
      ['1'],
      [1, 1],
      [11],
      [1.5],
      [-1],
      [0],
      [2 ** 32],
      [2 ** 53],
      ['ä'],
      ['a', 1],
      [1, 'a'],
    ];
    expect(new Set(paths.map((path) => randomKey(path).join())).size).toBe(paths.length);
  });

  it('spreads steps over all bits', () => {
    const keys = Array.from({ length: 4096 }, (_, step) => randomKey([1, '28', step, 'z']));
    expect(new Set(keys.map((key) => key.join())).size).toBe(4096);
    for (let bit = 0; bit < 64; bit += 1) {
      const ones = keys.filter((key) => ((key[bit >> 5] as number) >>> (bit & 31)) & 1).length;
      expect(Math.abs(ones - 2048)).toBeLessThan(5 * 32); // five standard deviations
    }
  });

  it('takes −0 for 0', () => {
    expect(randomKey([-0])).toEqual(randomKey([0]));
  });

  it.each([[[]], [[Number.NaN]], [[1, Infinity]]])('refuses %j', (path) => {
    expect(() => randomKey(path)).toThrow(
      expect.objectContaining({ code: 'LAPYRA_RANDOM_KEY' }) as LapyraError,
    );
  });
});

describe('randomKeys', () => {
  it('are those of whole paths, however many words go before', () => {
    for (const path of [[], [1], ['a'], [7, 'sample', '28', 'z'], ['ab', 3, 'abc']]) {
      const keyOf = randomKeys(path);
      for (const last of [0, 1, 63, -0, 2 ** 40]) {
        expect(keyOf(last)).toEqual(randomKey([...path, last]));
        // A key does not hang on those made before it.
        expect(keyOf(1)).toEqual(randomKey([...path, 1]));
      }
    }
  });

  it('refuse what is no finite number', () => {
    const refusal = expect.objectContaining({ code: 'LAPYRA_RANDOM_KEY' }) as LapyraError;
    expect(() => randomKeys(['a'])(Number.NaN)).toThrow(refusal);
    expect(() => randomKeys([Infinity])).toThrow(refusal);
  });
});
