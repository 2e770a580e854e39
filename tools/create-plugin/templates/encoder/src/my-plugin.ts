import {
  definePlugin,
  LapyraError,
  type Plugin,
  randomStream,
  type TextEncoder,
} from '@lapyra/core';
import * as v from 'valibot';

export interface MyPluginOptions {
  /** Length of a text's vector. @default 64 */
  readonly width: number;
  /** Characters of the longest text that is taken. @default 500 */
  readonly longest: number;
}

/** {@link MyPluginOptions} as they are written in a config: what has a default may be left out. */
export type MyPluginInput = {
  readonly [Key in keyof MyPluginOptions]?: MyPluginOptions[Key] | undefined;
};

const count = v.pipe(v.number(), v.integer(), v.minValue(1));

const options: v.GenericSchema<MyPluginInput, MyPluginOptions> = v.strictObject({
  width: v.optional(count, 64),
  longest: v.optional(count, 500),
});

/** A text as the sum of its words: each word has a random direction of its own, the same in every text. */
export const myPlugin: Plugin<'encoder', MyPluginInput, MyPluginOptions> = definePlugin({
  kind: 'encoder',
  use: 'lapyra-kind-my-plugin#myPlugin',
  summary: 'words as random directions, a text as their sum',
  options,
  create: createMyPlugin,
});

function createMyPlugin({ width, longest }: MyPluginOptions): TextEncoder {
  return {
    name: 'myPlugin',
    width,
    // Another one whenever the vectors are others, or other texts are refused: vectors are kept under it.
    fingerprint: `lapyra-kind-my-plugin 1, ${width}, ${longest}`,
    encode: async (texts) => {
      const vectors = new Float32Array(texts.length * width);
      for (const [at, text] of texts.entries())
        vectors.set(encoded(checked(text, longest), width), at * width);
      return vectors;
    },
  };
}

function checked(text: string, longest: number): string {
  if (text.trim() === '')
    throw new LapyraError('LAPYRA_TEXT_EMPTY', 'text: expected one with words, got an empty one.');
  if (text.length > longest)
    throw new LapyraError(
      'LAPYRA_TEXT_LENGTH',
      `text: expected at most ${longest} characters, got ${text.length}.`,
      { hint: 'Shorten the text, or raise the option longest of myPlugin.' },
    );
  return text;
}

/** Of length 1. */
function encoded(text: string, width: number): Float32Array {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text];
  const sum = new Float32Array(width);
  for (const word of words) {
    const direction = randomStream('lapyra-kind-my-plugin', word).normal(width);
    for (let at = 0; at < width; at++) sum[at]! += direction[at]!;
  }
  const length = Math.hypot(...sum) || 1;
  return sum.map((value) => value / length);
}
