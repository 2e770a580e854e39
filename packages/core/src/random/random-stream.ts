import { LapyraError } from '../error.js';
import { inverseNormal } from './inverse-normal.js';
import { philoxFill } from './philox.js';
import { randomKey } from './random-key.js';

/** A sequence of random numbers. Each call goes on where the one before stopped. */
export interface RandomStream {
  /** `n` whole numbers from 0 to 2³² − 1; one word each. */
  uint32(n: number): Uint32Array;
  /**
   * `n` numbers uniform on [low, high), default [0, 1): multiples of 2⁻²⁴ there, stretched in double precision and
   * rounded to float32, so that 1 never occurs (another `high` can, by rounding); one word each.
   */
  uniform(n: number, low?: number, high?: number): Float32Array;
  /** `n` standard normal numbers, |x| ≤ 6.24, by the inverse of the distribution function; one word each. */
  normal(n: number): Float32Array;
  /** `n` whole numbers from 0 to `below` − 1, each as probable as the others to 2⁻⁵³ · `below`; two words each. */
  integers(n: number, below: number): Int32Array;
  /**
   * `n` factors of inverted dropout: 1/probability with the given probability in (0, 1], else 0. The probability is
   * rounded to a multiple of 2⁻¹⁶ (masks are the bulk of a step's random numbers); half a word each.
   */
  keep(n: number, probability: number): Float32Array;
}

/**
 * The random numbers of a key: a path of strings and numbers, such as (seed, level, step, name). Equal paths give equal
 * numbers, bit for bit, on every engine and in any order; different paths give independent ones. Philox4x32-10 under
 * the 64-bit hash of the path.
 *
 * @throws {LapyraError} `LAPYRA_RANDOM_KEY` for an empty path, NaN or an infinity; `LAPYRA_RANDOM_RANGE` by its methods
 * for counts, bounds and probabilities that make no sense
 */
export function randomStream(...path: readonly (string | number)[]): RandomStream {
  const key = randomKey(path);
  let position = 0;
  const words = (n: number): Uint32Array<ArrayBuffer> => {
    expect(Number.isInteger(n) && n >= 0, 'count', 'a whole number of at least 0', n);
    const out = new Uint32Array(n);
    philoxFill(key, position, out);
    position += n;
    return out;
  };
  return {
    uint32: words,
    uniform(n, low = 0, high = 1) {
      expect(
        Number.isFinite(low) && Number.isFinite(high) && low <= high,
        'bounds',
        'finite low ≤ high',
        `[${low}, ${high})`,
      );
      return uniformOf(words(n), low, high);
    },
    normal(n) {
      return normalOf(words(n));
    },
    integers(n, below) {
      expect(
        Number.isInteger(below) && below >= 1 && below <= 0x8000_0000,
        'bound',
        'a whole number from 1 to 2³¹',
        below,
      );
      const raw = words(2 * n);
      const out = new Int32Array(n);
      for (let i = 0; i < n; i += 1) {
        const high = (raw[2 * i] as number) >>> 5; // 27 bits
        const low = (raw[2 * i + 1] as number) >>> 6; // 26 bits
        out[i] = Math.floor(((high * 0x400_0000 + low) / 2 ** 53) * below);
      }
      return out;
    },
    keep(n, probability) {
      expect(probability > 0 && probability <= 1, 'probability', 'a number in (0, 1]', probability);
      const raw = new Int32Array(words(Math.ceil(n / 2)).buffer); // whole numbers of 31 bits are faster than of 32
      const out = new Float32Array(n);
      const limit = Math.max(1, Math.round(probability * 0x1_0000));
      const factor = 1 / probability;
      // Without a branch, of which random numbers would have every third guessed wrong: the sign says whether half < limit.
      for (let i = 0, at = 0; i < n; i += 2, at += 1) {
        const word = raw[at] as number;
        out[i] = (((word & 0xffff) - limit) >>> 31) * factor;
        out[i + 1] = (((word >>> 16) - limit) >>> 31) * factor; // past the end of an odd count nothing is written
      }
      return out;
    },
  };
}

/** Words as numbers uniform on [low, high), in place: a second array would cost as much again. The words are all of their buffer. */
export function uniformOf(
  words: Uint32Array<ArrayBuffer>,
  low: number,
  high: number,
): Float32Array {
  const out = new Float32Array(words.buffer);
  const step = (high - low) / 0x100_0000;
  for (let i = 0; i < out.length; i += 1) out[i] = low + ((words[i] as number) >>> 8) * step;
  return out;
}

/** Words as standard normal numbers, in place like {@link uniformOf}. */
export function normalOf(words: Uint32Array<ArrayBuffer>): Float32Array {
  const out = new Float32Array(words.buffer);
  for (let i = 0; i < out.length; i += 1)
    out[i] = inverseNormal(((words[i] as number) + 0.5) / 0x1_0000_0000);
  return out;
}

function expect(holds: boolean, what: string, expected: string, got: number | string): void {
  if (!holds) {
    throw new LapyraError(
      'LAPYRA_RANDOM_RANGE',
      `random ${what}: expected ${expected}, got ${got}.`,
    );
  }
}
