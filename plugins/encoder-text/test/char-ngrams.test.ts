import { readFileSync } from 'node:fs';
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { type EncodeContext, isPlugin, randomStream, type TextEncoder } from '@lapyra/core';
import { charNgrams, type CharNgramsOptions } from '@lapyra/encoder-text';
import { encoderConformance, expectRefusal } from '@lapyra/testing';
import { describe, expect, it } from 'vitest';

async function create(options: CharNgramsOptions = {}): Promise<TextEncoder> {
  const settings = await charNgrams.plugin.options['~standard'].validate(options);
  if (settings.issues) throw new Error(settings.issues.map(({ message }) => message).join('; '));
  return charNgrams.plugin.create(settings.value, undefined);
}

// An encoder that is no network does not look at it.
const context = { signal: new AbortController().signal } as EncodeContext;

async function encode(
  texts: readonly string[],
  options: CharNgramsOptions = {},
): Promise<number[][]> {
  const encoder = await create(options);
  const vectors = await encoder.encode(texts, context);
  return texts.map((_, i) => [...vectors.subarray(i * encoder.width, (i + 1) * encoder.width)]);
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);

encoderConformance({
  name: 'character n-grams',
  create: () => create({ width: 64, longest: 100 }),
  engine: async () => (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 }),
  tooLong: 'a'.repeat(101),
});

describe('charNgrams', () => {
  it('is a descriptor in a config and a plugin of kind encoder', () => {
    expect(charNgrams({ width: 32 })).toEqual({
      use: '@lapyra/encoder-text#charNgrams',
      options: { width: 32 },
    });
    expect(isPlugin(charNgrams)).toBe(true);
  });

  it('adds up the signed pieces of words, ends counted, and makes the sum as long as 1', async () => {
    // Of "ox": <ox, ox>, <ox> once as piece of three or four would be the whole itself, and is counted once.
    const sums = Array.from({ length: 16 }, () => 0);
    for (const piece of ['<ox', 'ox>', '<ox>']) {
      const [place = 0, sign = 0] = randomStream('charNgrams', piece).uint32(2);
      sums[place % 16]! += sign >= 2 ** 31 ? 1 : -1;
    }
    const length = Math.sqrt(dot(sums, sums));
    const [vector] = await encode(['ox'], { width: 16 });
    expect(vector).toEqual(sums.map((value) => Math.fround(value / length)));
  });

  it('reads capitals, compatibility characters and spaces alike', async () => {
    const [one, other] = await encode(['a red cat', ' A  ＲＥＤ\n cat ']);
    expect(other).toEqual(one);
  });

  it('brings texts together that share words, or parts of them', async () => {
    const texts = ['spain flag', 'norway flag', 'norwegian flags', 'running woman'];
    const [spain, norway, norwegian, woman] = await encode(texts, { width: 1024 });
    // Flag has 9 pieces and the word, norway 12 + 1, spain 10 … : a share of pieces in common, ± 1/√1024 by chance.
    expect(dot(spain!, norway!)).toBeGreaterThan(0.3);
    expect(dot(norway!, norwegian!)).toBeGreaterThan(0.3);
    expect(Math.abs(dot(spain!, woman!))).toBeLessThan(0.15);
    for (const vector of [spain!, norway!, woman!]) expect(dot(vector, vector)).toBeCloseTo(1, 6);
  });

  it('hashes evenly: signs and places of many words balance', async () => {
    const words = Array.from({ length: 4000 }, (_, i) => `w${i}`);
    const vectors = await encode(words, { width: 8, lengths: [20, 20] }); // each word is one piece
    const sums = Array.from({ length: 8 }, (_, at) => vectors.map((vector) => vector[at]!));
    for (const column of sums) {
      const hits = column.filter((value) => value !== 0).length; // 500 ± 21
      expect(Math.abs(hits - 500)).toBeLessThan(5 * 21);
      expect(Math.abs(column.reduce((a, b) => a + b, 0))).toBeLessThan(5 * Math.sqrt(500));
    }
  });

  it('refuses texts with what it expected and what it got', async () => {
    await expectRefusal(
      encode(['a cat', ' \t']),
      'LAPYRA_TEXT_EMPTY',
      'charNgrams: expected a text of one character or more, got " \\t".',
    );
    const { hint } = await expectRefusal(
      encode(['abcdefgh'], { longest: 5 }),
      'LAPYRA_TEXT_LENGTH',
      'charNgrams: expected a text of at most 5 characters, got 8: "abcdefgh…".',
    );
    expect(hint).toContain('raise the limit');
  });

  it.each([
    [{ width: 1 }, 'Invalid value: Expected >=2 but received 1'],
    [{ lengths: [4, 3] }, 'Expected the shorter length first'],
    [{ longest: 0 }, 'Invalid value: Expected >=1 but received 0'],
  ] as const)('refuses %j', async (options, message) => {
    await expect(create(options as CharNgramsOptions)).rejects.toThrow(message);
  });
});

describe('README', () => {
  it('names each option with its default', async () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const settings = await charNgrams.plugin.options['~standard'].validate({});
    const [, section = ''] = readme.split('\n## Options of charNgrams\n');
    const documented = section
      .split('\n## ')[0]!
      .split(/^### /m)
      .slice(1)
      .map((text) => [text.split('\n')[0], JSON.parse(/Default: `([^`]+)`/.exec(text)?.[1] ?? '')]);
    expect(settings).toMatchObject({ value: Object.fromEntries(documented) });
  });
});
