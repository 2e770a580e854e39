import { LapyraError } from '../error.js';
import { philoxBlocks, type PhiloxKey } from './philox.js';

const TAG_STRING = 1;
const TAG_NUMBER = 2;

/**
 * The 64-bit key of a path of strings and numbers.
 *
 * The path is written as 32-bit words from which it could be read back: each string as 1, its length and its UTF-16
 * code units, each number as 2 and the two halves of its IEEE double (−0 counts as 0), and the number of parts at the
 * end. So `['a', 'b']`, `['ab']`, `[1]` and `['1']` all differ. The words are hashed four at a time with Philox as the
 * compression function: key ← first two words of Philox(counter = the four words, key), from key (0, 0), the last four
 * filled up with zeros.
 *
 * @throws {LapyraError} `LAPYRA_RANDOM_KEY` for an empty path, NaN or an infinity
 */
export function randomKey(path: readonly (string | number)[]): PhiloxKey {
  if (path.length === 0) {
    throw new LapyraError(
      'LAPYRA_RANDOM_KEY',
      'random key: expected strings and numbers, got none.',
    );
  }
  const hash = new WordHash();
  for (const part of path) {
    if (typeof part === 'string') {
      hash.add(TAG_STRING);
      hash.add(part.length);
      for (let i = 0; i < part.length; i += 1) hash.add(part.charCodeAt(i));
    } else if (Number.isFinite(part)) {
      const bits = new DataView(new ArrayBuffer(8));
      bits.setFloat64(0, part === 0 ? 0 : part);
      hash.add(TAG_NUMBER);
      hash.add(bits.getUint32(0));
      hash.add(bits.getUint32(4));
    } else {
      throw new LapyraError(
        'LAPYRA_RANDOM_KEY',
        `random key: expected strings and finite numbers, got ${String(part)}.`,
      );
    }
  }
  hash.add(path.length);
  return hash.finish();
}

class WordHash {
  readonly #words = new Uint32Array(4);
  readonly #block = new Uint32Array(4);
  #filled = 0;

  add(word: number): void {
    this.#words[this.#filled] = word;
    this.#filled += 1;
    if (this.#filled === 4) this.#absorb();
  }

  finish(): PhiloxKey {
    if (this.#filled > 0) this.#absorb();
    return pair(this.#block);
  }

  #absorb(): void {
    const [a = 0, b = 0, c = 0, d = 0] = this.#words;
    philoxBlocks(pair(this.#block), [a, b, c, d], this.#block, 1);
    this.#words.fill(0);
    this.#filled = 0;
  }
}

function pair([low = 0, high = 0]: Uint32Array): PhiloxKey {
  return [low, high];
}
