import { LapyraError, randomStream, type TextEncoder } from '@lapyra/core';
import { describe, expect, it } from 'vitest';
import { encoderChecks } from '../src/encoder-conformance.js';
import { eagerEngine } from './eager-engine.js';

const refuse = (code: 'LAPYRA_TEXT_EMPTY' | 'LAPYRA_TEXT_LENGTH'): never => {
  throw new LapyraError(code, 'text: expected another.');
};

/** Three random numbers that hang on the text. */
function encoder(replaced: Partial<TextEncoder> = {}, vectorOf = keyed): TextEncoder {
  return {
    name: 'keyed',
    width: 3,
    fingerprint: 'keyed 1',
    encode: async (texts) => {
      for (const text of texts) {
        if (text.trim() === '') refuse('LAPYRA_TEXT_EMPTY');
        if (text.length > 60) refuse('LAPYRA_TEXT_LENGTH');
      }
      const all = new Float32Array(texts.length * 3);
      for (const [at, text] of texts.entries()) all.set(vectorOf(text, at), at * 3);
      return all;
    },
    ...replaced,
  };
}

function keyed(text: string, _at: number): Float32Array {
  return randomStream('encoder', text).normal(3);
}

const titles = [
  'has a name, a width and a fingerprint, the same when it is made again',
  'gives a finite vector of its width for each text, other ones for other texts',
  'encodes a text whatever others come with it, in any order and number',
  'encodes the same again, and nothing to nothing',
  'refuses texts without anything in them, alone or among others',
  'refuses a text that is too long',
];

async function failing(create: () => TextEncoder): Promise<string[]> {
  const context = { engine: eagerEngine(), signal: new AbortController().signal };
  const failed: string[] = [];
  for (const { title, run } of encoderChecks({ create, tooLong: 'x'.repeat(61) }, () => context)) {
    try {
      await run();
    } catch {
      failed.push(title);
    }
  }
  return failed;
}

describe('checks of encoders', () => {
  it('find nothing wrong with an encoder that is right', async () => {
    expect(await failing(() => encoder())).toEqual([]);
  });

  let made = 0;
  it.each<[string, readonly number[], () => TextEncoder]>([
    ['another fingerprint each time', [0], () => encoder({ fingerprint: `keyed ${made++}` })],
    ['no width', [0, 1, 2, 3], () => encoder({ width: 0 })],
    ['another width', [1, 2], () => encoder({ width: 4 })],
    ['the same vector for all', [1], () => encoder({}, () => Float32Array.of(1, 2, 3))],
    [
      'vectors that are not finite',
      [1],
      () => encoder({}, (text) => keyed(text, 0).fill(Infinity, 2)),
    ],
    ['vectors by place', [2], () => encoder({}, (text, at) => keyed(`${text}${at}`, at))],
    ['other vectors each time', [2, 3], () => encoder({}, (text) => keyed(`${text}${made++}`, 0))],
    [
      'empty texts that pass',
      [4, 5],
      () =>
        encoder({
          encode: async (texts) => randomStream(...texts, 'all').normal(3 * texts.length),
        }),
    ],
    [
      'another refusal',
      [4],
      () =>
        encoder({
          encode: async (texts, context) => {
            if (texts.some((text) => text.trim() === '')) refuse('LAPYRA_TEXT_LENGTH');
            return encoder().encode(texts, context);
          },
        }),
    ],
  ])('find %s', async (_, expected, create) => {
    const failed = await failing(create);
    expect(failed).toEqual(expect.arrayContaining(expected.map((at) => titles[at])));
    expect(failed).not.toEqual(titles);
  });
});
