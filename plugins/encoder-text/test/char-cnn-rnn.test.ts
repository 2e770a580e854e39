import { readFileSync } from 'node:fs';
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { decodeSafetensors, encodeSafetensors, type Engine, type TextEncoder } from '@lapyra/core';
import { ALPHABET, charCnnRnn, charWeights, LONGEST, oneHotText } from '@lapyra/encoder-text';
import { encoderConformance, expectRefusal } from '@lapyra/testing';
import { afterAll, describe, expect, it } from 'vitest';

const open = async (): Promise<Engine> =>
  (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
const engine = await open();
afterAll(() => engine.dispose());

const shipped = readFileSync(new URL('../weights/emoji-names.safetensors', import.meta.url));

async function create(bytes?: Uint8Array): Promise<TextEncoder> {
  const made = bytes ? { weights: { name: 'my.safetensors', bytes } } : {};
  return charCnnRnn.plugin.create({ weights: bytes ? 'my.safetensors' : null }, undefined, made);
}

encoderConformance({
  name: 'a character CNN-RNN with the weights of the package',
  create: () => create(),
  engine: open,
  texts: ['red heart', 'blue heart', 'norway flag', 'a café by the sea, at night'],
  tooLong: 'a'.repeat(97),
});

const relu = (x: number): number => Math.max(0, x);
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** The network in plain loops, from its description: convolutions of stride 2 padded as TensorFlow does, a GRU, a mean. */
function byHand(text: string): number[] {
  const { tensors } = decodeSafetensors(shipped, 'weights');
  const w = (name: string): ArrayLike<number> => tensors[name]!.data;
  const alphabet = tensors['conv1.weight']!.shape[2]!;
  const letters = " abcdefghijklmnopqrstuvwxyz0123456789-,.:;'’&()!?/+*#\u0000";
  expect(letters.length).toBe(alphabet);
  let map = Array.from({ length: 96 }, (_, at) =>
    Array.from({ length: alphabet }, (__, k) =>
      Number(at < text.length && letters[k] === text[at]),
    ),
  );
  for (const name of ['conv1', 'conv2', 'conv3']) {
    const [, kernel = 0, from = 0, out = 0] = tensors[`${name}.weight`]!.shape;
    const length = map.length / 2;
    const before = Math.floor(Math.max(0, (length - 1) * 2 + kernel - map.length) / 2);
    map = Array.from({ length }, (_, at) =>
      Array.from({ length: out }, (__, o) => {
        let sum = w(`${name}.bias`)[o]!;
        for (let k = 0; k < kernel; k++)
          for (let i = 0; i < from; i++)
            sum +=
              (map[at * 2 + k - before]?.[i] ?? 0) * w(`${name}.weight`)[(k * from + i) * out + o]!;
        return relu(sum);
      }),
    );
  }
  const units = 64;
  let hidden = Array.from({ length: units }, () => 0);
  const total = Array.from({ length: units }, () => 0);
  for (const row of map) {
    const given = (gate: number, o: number): number =>
      row.reduce(
        (sum, x, i) => sum + x * w('gru.input.weight')[i * 3 * units + gate * units + o]!,
        w('gru.bias')[gate * units + o]!,
      );
    const from = hidden;
    const kept = (gate: number, o: number): number =>
      from.reduce(
        (sum, h, i) => sum + h * w('gru.hidden.weight')[i * 3 * units + gate * units + o]!,
        0,
      );
    hidden = from.map((h, o) => {
      const update = sigmoid(given(0, o) + kept(0, o));
      const fresh = Math.tanh(given(2, o) + sigmoid(given(1, o) + kept(1, o)) * kept(2, o));
      return (1 - update) * fresh + update * h;
    });
    hidden.forEach((h, o) => (total[o]! += h / map.length));
  }
  return Array.from({ length: 64 }, (_, o) =>
    total.reduce((sum, h, i) => sum + h * w('out.weight')[i * 64 + o]!, w('out.bias')[o]!),
  );
}

describe('charCnnRnn', () => {
  it('computes what its description says, in plain loops', async () => {
    const encoder = await create();
    const vectors = await encoder.encode(['Red Heart'], {
      engine,
      signal: AbortSignal.timeout(60_000),
    });
    byHand('red heart').forEach((value, at) => expect(vectors[at]).toBeCloseTo(value, 4));
  });

  it('has a place for each character, accents taken off, whatever it is made of', () => {
    const characters = (text: string): number[] => {
      const rows = oneHotText(text);
      const width = ALPHABET.length;
      return Array.from({ length: rows.length / width }, (_, at) =>
        rows.subarray(at * width, (at + 1) * width).indexOf(1),
      );
    };
    const blank = Array<number>(LONGEST).fill(-1);
    // 'c', 'a', 'f' and 'e' are letters 3, 1, 6 and 5 behind the space.
    expect(characters('café')).toEqual([3, 1, 6, 5, ...blank.slice(4)]);
    expect(characters('cafe\u0301')).toEqual([3, 1, 6, 5, ...blank.slice(4)]);
    const unknown = ALPHABET.length - 1;
    expect(characters('각a')).toEqual([unknown, 1, ...blank.slice(2)]);
  });

  it('brings names of things that look alike closer than others', async () => {
    const texts = ['chile flag', 'kenya flag', 'crying face', 'winking face', 'old key', 'mouse'];
    const { width, encode } = await create();
    const vectors = await encode(texts, { engine, signal: AbortSignal.timeout(60_000) });
    const cosine = (a: number, b: number): number => {
      const [x, y] = [a, b].map((at) => [...vectors.subarray(at * width, (at + 1) * width)]);
      const dot = (p: number[], q: number[]): number => p.reduce((sum, v, i) => sum + v * q[i]!, 0);
      return dot(x!, y!) / Math.sqrt(dot(x!, x!) * dot(y!, y!));
    };
    for (const other of [2, 3, 4, 5]) expect(cosine(0, 1)).toBeGreaterThan(cosine(0, other) + 0.2);
    for (const other of [0, 1, 4, 5]) expect(cosine(2, 3)).toBeGreaterThan(cosine(2, other) + 0.2);
  });

  it('has another fingerprint with other weights, and refuses those of another network', async () => {
    const { tensors } = decodeSafetensors(shipped, 'weights');
    const file = (changed: typeof tensors): Buffer => Buffer.concat(encodeSafetensors(changed));
    const bias = { ...tensors['out.bias']!, data: new Float32Array(64).fill(1) };
    const other = await create(file({ ...tensors, 'out.bias': bias }));
    expect(other.fingerprint).not.toBe((await create()).fingerprint);
    const { 'gru.bias': _, ...lacking } = tensors;
    await expectRefusal(
      create(file(lacking)),
      'LAPYRA_TEXT_WEIGHTS',
      "my.safetensors: expected a tensor 'gru.bias', float32 [192], got none.",
    );
    const short = { dtype: 'float32', shape: [2], data: new Float32Array(2) } as const;
    await expectRefusal(
      create(file({ ...tensors, 'out.bias': short })),
      'LAPYRA_TEXT_WEIGHTS',
      "expected a tensor 'out.bias', float32 [64], got float32 [2].",
    );
    await expectRefusal(create(Buffer.from('text')), 'LAPYRA_TENSORS_READ', 'my.safetensors: ');
    expect(Object.keys(charWeights()).toSorted()).toEqual(Object.keys(tensors).toSorted());
  });
});
