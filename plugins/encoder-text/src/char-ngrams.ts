import { definePlugin, type Plugin, randomStream, type TextEncoder } from '@lapyra/core';
import * as v from 'valibot';
import { readText } from './read-text.js';

export interface CharNgramsOptions {
  /** Length of a text's vector, at least 2. @default 256 */
  readonly width?: number | undefined;
  /** Shortest and longest piece of a word, in characters, ends of words counted. @default [3, 5] */
  readonly lengths?: readonly [number, number] | undefined;
  /** Characters that a text may have. @default 1000 */
  readonly longest?: number | undefined;
}

/** {@link CharNgramsOptions} with defaults filled in. */
export interface CharNgramsSettings {
  readonly width: number;
  readonly lengths: readonly [number, number];
  readonly longest: number;
}

const count = v.pipe(v.number(), v.integer(), v.minValue(1));

const schema: v.GenericSchema<CharNgramsOptions, CharNgramsSettings> = v.strictObject({
  width: v.optional(v.pipe(v.number(), v.integer(), v.minValue(2)), 256),
  lengths: v.optional(
    v.pipe(
      v.tuple([count, count]),
      v.check(([from, to]) => from <= to, 'Expected the shorter length first'),
    ),
    [3, 5],
  ),
  longest: v.optional(count, 1000),
});

/**
 * Hashed character n-grams as a text encoder: nothing to train, any language.
 *
 * Each word, with `<` and `>` at its ends, is taken apart into its pieces of the given lengths, and counts as a whole besides.
 * A piece adds +1 or −1 to one of `width` numbers; which, and with which sign, is settled by hashing it. The vector is
 * then brought to length 1. Texts that share words or parts of words have similar vectors; the order of words is lost.
 *
 * Sources: signed feature hashing, Weinberger et al. 2009; words as bags of character n-grams, Bojanowski et al. 2017.
 */
export const charNgrams: Plugin<'encoder', CharNgramsOptions, CharNgramsSettings> = definePlugin({
  kind: 'encoder',
  use: '@lapyra/encoder-text#charNgrams',
  summary: 'hashed character n-grams: nothing to train, any language',
  options: schema,
  create: createEncoder,
});

const NAME = 'charNgrams';

function createEncoder({ width, lengths, longest }: CharNgramsSettings): TextEncoder {
  return {
    name: 'character n-grams',
    width,
    // The limit is part of it: texts whose vectors are in the cache are not read again.
    fingerprint: `char-ngrams 1, ${width} of ${lengths.join('-')}, at most ${longest}`,
    encode: async (texts) => {
      const vectors = new Float32Array(texts.length * width);
      for (const [row, text] of texts.entries())
        vectors.set(vectorOf(readText(text, longest, NAME), width, lengths), row * width);
      return vectors;
    },
  };
}

/** Of length 1: [width]. */
function vectorOf(text: string, width: number, lengths: readonly [number, number]): Float64Array {
  const sums = new Float64Array(width);
  for (const piece of pieces(text, lengths)) {
    const [place = 0, sign = 0] = randomStream(NAME, piece).uint32(2);
    const at = place % width;
    sums[at] = (sums[at] ?? 0) + (sign >>> 31 === 1 ? 1 : -1);
  }
  const length = Math.hypot(...sums);
  // Pieces can cancel out. Such a text is not nothing: it becomes what its whole is hashed to.
  if (length === 0) return vectorOfWhole(text, width);
  return sums.map((value) => value / length);
}

function vectorOfWhole(text: string, width: number): Float64Array {
  const vector = new Float64Array(width);
  const [place = 0] = randomStream(NAME, 'whole', text).uint32(1);
  vector[place % width] = 1;
  return vector;
}

/** The pieces of a text's words, each as often as it occurs. */
function pieces(text: string, [from, to]: readonly [number, number]): string[] {
  return text.split(' ').flatMap((word) => {
    const characters = [...'<', ...word, ...'>'];
    const all: string[] = [];
    for (let length = from; length <= Math.min(to, characters.length - 1); length++)
      for (let start = 0; start + length <= characters.length; start++)
        all.push(characters.slice(start, start + length).join(''));
    return [...all, characters.join('')]; // the word as a whole
  });
}
