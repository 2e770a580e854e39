import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  decodeSafetensors,
  definePlugin,
  type EncodeContext,
  type GivenFile,
  LapyraError,
  type Plugin,
  type TensorProgram,
  type TensorValues,
  type TextEncoder,
} from '@lapyra/core';
import * as v from 'valibot';
import { ALPHABET, charForward, charWeights, LONGEST, oneHotText, WIDTH } from './char-network.js';
import { readText } from './read-text.js';

export interface CharCnnRnnOptions {
  /** A safetensors file with other weights, from the project's folder; `null`: those of this package. @default null */
  readonly weights?: string | null | undefined;
}

/** {@link CharCnnRnnOptions} with defaults filled in. */
export interface CharCnnRnnSettings {
  readonly weights: string | null;
}

const NAME = 'charCnnRnn';
const SHIPPED = new URL('../weights/emoji-names.safetensors', import.meta.url);
const BATCH = 64;

const schema: v.GenericSchema<CharCnnRnnOptions, CharCnnRnnSettings> = v.strictObject({
  weights: v.optional(
    v.nullable(v.pipe(v.string(), v.nonEmpty('Expected a path, got an empty string'))),
    null,
  ),
});

/**
 * A character CNN-RNN as a text encoder: it has learnt, together with images, which texts mean things that look alike.
 *
 * Making it throws `LAPYRA_TEXT_WEIGHTS` if the weights are none of this network's, or cannot be read.
 *
 * Source: Reed et al. 2016, "Learning Deep Representations of Fine-Grained Visual Descriptions".
 */
export const charCnnRnn: Plugin<'encoder', CharCnnRnnOptions, CharCnnRnnSettings> = definePlugin({
  kind: 'encoder',
  use: '@lapyra/encoder-text#charCnnRnn',
  summary: 'a character CNN-RNN that was trained together with images',
  options: schema,
  parts: { weights: 'file' },
  create: async (_settings, _told, { weights }) => createEncoder(await readWeights(weights)),
});

interface Weights {
  readonly tensors: TensorValues;
  readonly sum: string;
}

async function readWeights(file: GivenFile | undefined): Promise<Weights> {
  const subject = file?.name ?? 'the weights of @lapyra/encoder-text';
  const bytes = file?.bytes ?? (await readFile(SHIPPED));
  const { tensors } = decodeSafetensors(bytes, subject);
  for (const [name, { shape }] of Object.entries(charWeights())) {
    const got = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
    if (got?.dtype === 'float32' && got.shape.join() === shape.join()) continue;
    throw new LapyraError(
      'LAPYRA_TEXT_WEIGHTS',
      `${subject}: expected a tensor '${name}', float32 [${shape.join(', ')}], got ${got ? `${got.dtype} [${got.shape.join(', ')}]` : 'none'}.`,
      { hint: 'Train weights with: npm run train:encoder, in the repository of Lapyra.' },
    );
  }
  return { tensors, sum: createHash('sha256').update(bytes).digest('hex') };
}

function createEncoder({ tensors, sum }: Weights): TextEncoder {
  const names = Object.keys(charWeights());
  const program: TensorProgram = {
    name: NAME,
    reads: names,
    writes: [],
    inputs: { characters: { dtype: 'float32', shape: [null, LONGEST, ALPHABET.length] } },
    outputs: { vectors: 'float32' },
    run: (weights, { characters }) => ({
      state: {},
      outputs: { vectors: charForward(weights, characters!) },
    }),
  };
  const state = Object.fromEntries(names.map((name) => [name, tensors[name]!]));
  return {
    name: 'character CNN-RNN',
    width: WIDTH,
    fingerprint: `char-cnn-rnn 1, ${sum.slice(0, 32)}`,
    encode: async (texts, context) => {
      const rows = texts.map((text) => oneHotText(readText(text, LONGEST, NAME)));
      return rows.length === 0 ? new Float32Array(0) : encodeRows(program, state, rows, context);
    },
  };
}

/** In batches of one size, the last filled up with zeros. */
async function encodeRows(
  program: TensorProgram,
  state: TensorValues,
  rows: readonly Float32Array[],
  { engine, signal }: EncodeContext,
): Promise<Float32Array> {
  const all = new Float32Array(rows.length * WIDTH);
  const per = LONGEST * ALPHABET.length;
  const opened = await engine.open(state);
  try {
    const compiled = await opened.compile(program, BATCH);
    for (let first = 0; first < rows.length; first += BATCH) {
      signal.throwIfAborted();
      const data = new Float32Array(BATCH * per);
      const some = rows.slice(first, first + BATCH);
      some.forEach((row, at) => data.set(row, at * per));
      const shape = [BATCH, LONGEST, ALPHABET.length];
      const { vectors } = await compiled.run({ characters: { dtype: 'float32', shape, data } });
      all.set((vectors!.data as Float32Array).subarray(0, some.length * WIDTH), first * WIDTH);
    }
  } finally {
    await opened.dispose();
  }
  return all;
}
