// What every text encoder must do, as a vitest suite.
import { type EncodeContext, type Engine, LapyraError, type TextEncoder } from '@lapyra/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Closeness, expectClose } from './expect-close.js';

export interface EncoderConformanceOptions {
  /** Title of the suite. */
  readonly name: string;
  readonly create: () => TextEncoder | Promise<TextEncoder>;
  /** Open the engine for encoders that are networks; the suite disposes of it. */
  readonly engine: () => Promise<Engine>;
  /** Texts that the encoder must tell apart, at least 3. @default some short English ones */
  readonly texts?: readonly string[];
  /** A text that is longer than the encoder allows, if it has a limit. */
  readonly tooLong?: string;
  /** How far apart vectors may be that differ by rounding only. @default { relative: 1e-5, absolute: 1e-6 } */
  readonly closeness?: Closeness;
}

/** One thing that an encoder must do; `run` throws if it does not. */
export interface EncoderCheck {
  readonly title: string;
  run(): Promise<void>;
}

const TEXTS = [
  'a small red bird with a short beak',
  'a large grey ship on the sea',
  'a smiling face',
  'flag: Norway',
];

/**
 * The conformance suite of text encoders: call it at the top of a test file.
 *
 * An encoder must give finite vectors of its width, each text's whatever others come with it and in which order, the same
 * again from an encoder that is made again, which has the same fingerprint, and other ones for other texts. Empty texts
 * are refused with `LAPYRA_TEXT_EMPTY`, texts that are too long with `LAPYRA_TEXT_LENGTH`.
 */
export function encoderConformance(options: EncoderConformanceOptions): void {
  describe(options.name, () => {
    let engine: Engine | undefined;
    beforeAll(async () => {
      engine = await options.engine();
    });
    afterAll(() => engine?.dispose());

    const context = (): EncodeContext => ({
      engine: engine!,
      signal: new AbortController().signal,
    });
    for (const { title, run } of encoderChecks(options, context)) it(title, run);
  });
}

export function encoderChecks(
  { create, texts = TEXTS, tooLong, closeness }: Omit<EncoderConformanceOptions, 'name' | 'engine'>,
  context: () => EncodeContext,
): EncoderCheck[] {
  const near = closeness ?? { relative: 1e-5, absolute: 1e-6 };
  const rows = (vectors: Float32Array, width: number): Float32Array[] =>
    Array.from({ length: vectors.length / width }, (_, at) =>
      vectors.slice(at * width, (at + 1) * width),
    );
  const encode = async (given: readonly string[]): Promise<Float32Array[]> => {
    const encoder = await create();
    return rows(await encoder.encode(given, context()), encoder.width);
  };
  const refuses = async (text: string, code: string): Promise<void> => {
    const encoder = await create();
    for (const given of [[text], [texts[0]!, text]]) {
      const reason: unknown = await encoder.encode(given, context()).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(LapyraError.is(reason) ? reason.code : reason, `what is said of ${given.length}`).toBe(
        code,
      );
    }
  };
  return [
    {
      title: 'has a name, a width and a fingerprint, the same when it is made again',
      run: async () => {
        const encoder = await create();
        expect(encoder.name).toMatch(/\S/);
        expect(encoder.fingerprint).toMatch(/\S/);
        expect(Number.isInteger(encoder.width) && encoder.width > 0, 'a width').toBe(true);
        const { name, width, fingerprint } = await create();
        expect({ name, width, fingerprint }).toEqual({
          name: encoder.name,
          width: encoder.width,
          fingerprint: encoder.fingerprint,
        });
      },
    },
    {
      title: 'gives a finite vector of its width for each text, other ones for other texts',
      run: async () => {
        const { width } = await create();
        const vectors = await encode(texts);
        expect(vectors.length, 'vectors').toBe(texts.length);
        for (const vector of vectors) {
          expect(vector.length).toBe(width);
          expect(vector.every(Number.isFinite), 'finite').toBe(true);
        }
        expect(new Set(vectors.map(String)).size, 'different vectors').toBe(texts.length);
      },
    },
    {
      title: 'encodes a text whatever others come with it, in any order and number',
      run: async () => {
        const together = await encode(texts);
        const backwards = (await encode(texts.toReversed())).toReversed();
        for (const [at, text] of texts.entries()) {
          expectClose(backwards[at]!, together[at]!, near);
          expectClose((await encode([text]))[0]!, together[at]!, near);
        }
      },
    },
    {
      title: 'encodes the same again, and nothing to nothing',
      run: async () => {
        expect((await encode(texts)).map(String)).toEqual((await encode(texts)).map(String));
        expect(await encode([])).toEqual([]);
      },
    },
    {
      title: 'refuses texts without anything in them, alone or among others',
      run: async () => {
        for (const text of ['', ' \n\t']) await refuses(text, 'LAPYRA_TEXT_EMPTY');
      },
    },
    ...(tooLong === undefined
      ? []
      : [
          {
            title: 'refuses a text that is too long',
            run: () => refuses(tooLong, 'LAPYRA_TEXT_LENGTH'),
          },
        ]),
  ];
}
