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
  for (const part of path) addPart(hash, part);
  hash.add(path.length);
  return hash.finish();
}

/**
 * The keys of all paths that have one more part than this one: {@link randomKey} of [...path, last], in a fraction of its time.
 *
 * @throws {LapyraError} `LAPYRA_RANDOM_KEY` for NaN or an infinity
 */
export function randomKeys(path: readonly (string | number)[]): (last: number) => PhiloxKey {
  const shared = new WordHash();
  for (const part of path) addPart(shared, part);
  return (last) => {
    const hash = new WordHash(shared);
    addPart(hash, last);
    hash.add(path.length + 1);
    return hash.finish();
  };
}

function addPart(hash: WordHash, part: string | number): void {
  if (typeof part === 'string') {
    hash.add(TAG_STRING);
    hash.add(part.length);
    for (let i = 0; i < part.length; i += 1) hash.add(part.charCodeAt(i));
  } else if (Number.isFinite(part)) {
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

// Scratch, written before it is read: sampling makes a key for each image and noise, and arrays of a few bytes take longer than
// the hash.
const bits = new DataView(new ArrayBuffer(8));
const block = new Uint32Array(4);

class WordHash {
  #low: number;
  #high: number;
  readonly #words: [number, number, number, number];
  #filled: number;

  /** @param from what has been hashed before. Default: nothing */
  constructor(from?: WordHash) {
    this.#low = from ? from.#low : 0;
    this.#high = from ? from.#high : 0;
    this.#words = from
      ? [from.#words[0], from.#words[1], from.#words[2], from.#words[3]]
      : [0, 0, 0, 0];
    this.#filled = from ? from.#filled : 0;
  }

  add(word: number): void {
    this.#words[this.#filled] = word;
    this.#filled += 1;
    if (this.#filled === 4) this.#absorb();
  }

  finish(): PhiloxKey {
    if (this.#filled > 0) this.#absorb();
    return [this.#low, this.#high];
  }

  #absorb(): void {
    const words = this.#words;
    philoxBlocks([this.#low, this.#high], words, block, 1);
    this.#low = block[0] as number;
    this.#high = block[1] as number;
    words[0] = words[1] = words[2] = words[3] = 0;
    this.#filled = 0;
  }
}
