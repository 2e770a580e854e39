// Philox4x32-10, a counter-based generator: block i of a key is a function of i and the key alone, so numbers can be
// made in any order and on any machine. J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw: "Parallel random numbers:
// as easy as 1, 2, 3", SC 2011, doi:10.1145/2063384.2063405.

import { type FillBlocks, openPhiloxSimd } from './philox-simd.js';

/** A 64-bit key as two 32-bit words, low word first. */
export type PhiloxKey = readonly [low: number, high: number];
/** A 128-bit counter as four 32-bit words, low word first. */
export type PhiloxCounter = readonly [number, number, number, number];

/**
 * Fill `out` with the words `first`, `first + 1`, … of a key: words 4b … 4b + 3 are the block of counter b.
 *
 * @param first index of the first word, a whole number from 0 to 2⁵³ − 1
 */
export function philoxFill(key: PhiloxKey, first: number, out: Uint32Array): void {
  const block = Math.floor(first / 4);
  const skip = first - 4 * block;
  const blocks = Math.ceil((skip + out.length) / 4);
  const whole = skip === 0 && out.length % 4 === 0;
  const words = whole ? out : new Uint32Array(4 * blocks);
  const [low, high] = [block % 0x1_0000_0000, Math.floor(block / 0x1_0000_0000)];
  if (simd === undefined && blocks >= LEAST_SIMD) simd = openPhiloxSimd();
  if (simd && blocks >= LEAST_SIMD && low + blocks <= LAST_SIMD) simd(key, low, high, words);
  else philoxBlocks(key, [low, high, 0, 0], words, blocks);
  if (!whole) out.set(words.subarray(skip, skip + out.length));
}

/** Opened when it is first needed; `null` where there is none. The numbers are the same either way. */
let simd: FillBlocks | null | undefined;
/** Blocks from which on a call of WebAssembly pays. */
const LEAST_SIMD = 8;
/** The lower word of its counters must not overflow. */
const LAST_SIMD = 0xffff_fff0;

/**
 * Write the blocks of consecutive counters to `out`, four words each. Only the lower 64 bits of the counter grow.
 * The upper half of a 64-bit product is put together from 16-bit halves, because JavaScript has no such operation.
 */
export function philoxBlocks(
  [keyLow, keyHigh]: PhiloxKey,
  [counter0, counter1, counter2, counter3]: PhiloxCounter,
  out: Uint32Array,
  blocks: number,
): void {
  // Constants stand here because bundlers turn those of a module into variables, which makes this loop twice as slow.
  const MULTIPLIER_0 = 0xd2511f53;
  const MULTIPLIER_0_LOW = 0x1f53;
  const MULTIPLIER_0_HIGH = 0xd251;
  const MULTIPLIER_1 = 0xcd9e8d57;
  const MULTIPLIER_1_LOW = 0x8d57;
  const MULTIPLIER_1_HIGH = 0xcd9e;
  const WEYL_0 = 0x9e3779b9;
  const WEYL_1 = 0xbb67ae85;
  const ROUNDS = 10;
  let n0 = counter0 | 0;
  let n1 = counter1 | 0;
  for (let at = 0; at < 4 * blocks; at += 4) {
    let c0 = n0;
    let c1 = n1;
    let c2 = counter2 | 0;
    let c3 = counter3 | 0;
    let k0 = keyLow | 0;
    let k1 = keyHigh | 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      // No sum of partial products below passes 2³² − 1, so 32-bit arithmetic loses nothing.
      let low = c0 & 0xffff;
      let high = c0 >>> 16;
      let middle =
        (Math.imul(high, MULTIPLIER_0_LOW) + (Math.imul(low, MULTIPLIER_0_LOW) >>> 16)) | 0;
      let cross = (Math.imul(low, MULTIPLIER_0_HIGH) + (middle & 0xffff)) | 0;
      const high0 = (Math.imul(high, MULTIPLIER_0_HIGH) + (middle >>> 16) + (cross >>> 16)) | 0;
      const low0 = Math.imul(c0, MULTIPLIER_0);

      low = c2 & 0xffff;
      high = c2 >>> 16;
      middle = (Math.imul(high, MULTIPLIER_1_LOW) + (Math.imul(low, MULTIPLIER_1_LOW) >>> 16)) | 0;
      cross = (Math.imul(low, MULTIPLIER_1_HIGH) + (middle & 0xffff)) | 0;
      const high1 = (Math.imul(high, MULTIPLIER_1_HIGH) + (middle >>> 16) + (cross >>> 16)) | 0;
      const low1 = Math.imul(c2, MULTIPLIER_1);

      c0 = high1 ^ c1 ^ k0;
      c1 = low1;
      c2 = high0 ^ c3 ^ k1;
      c3 = low0;
      k0 = (k0 + WEYL_0) | 0;
      k1 = (k1 + WEYL_1) | 0;
    }
    out[at] = c0;
    out[at + 1] = c1;
    out[at + 2] = c2;
    out[at + 3] = c3;
    n0 = (n0 + 1) | 0;
    if (n0 === 0) n1 = (n1 + 1) | 0;
  }
}
