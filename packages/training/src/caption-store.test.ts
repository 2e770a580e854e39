import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CaptionBatch, OpenCaptions } from '@lapyra/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CaptionStore, openCaptionStore } from './caption-store.js';
import { writeCaptionStore, type WriteCaptionStoreOptions } from './write-caption-store.js';

let folder: string;
let file: string;
let stores: CaptionStore[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lapyra-captions-'));
  file = join(folder, 'a.captions');
  stores = [];
});

afterEach(() => {
  for (const store of stores) store.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(validation = 1): CaptionStore {
  const store = openCaptionStore(file, { validation });
  stores.push(store);
  return store;
}

const TEXTS = { train: [['a cat', 'Kätzchen'], ['a dog'], ['a cat', 'a dog']], test: [['an ox']] };

function captions(changes: Partial<OpenCaptions> = {}): OpenCaptions {
  return {
    texts: true,
    width: null,
    fingerprint: 'toy captions',
    read: async function* (split): AsyncGenerator<CaptionBatch> {
      for (const texts of TEXTS[split]) yield { texts: [texts], vectors: null };
    },
    ...changes,
  };
}

/** A text's vector: its length, and twice that. */
const encode = async (texts: readonly string[]): Promise<Float32Array> =>
  Float32Array.from(texts.flatMap((text) => [text.length, 2 * text.length]));

const options: WriteCaptionStoreOptions = {
  captions: captions(),
  count: { train: 3, test: 1 },
  fingerprint: 'toy',
  width: 2,
  encode,
};

function vectorOf(store: CaptionStore, index: number, caption: number): number[] {
  const target = new Float32Array(4);
  store.readInto('train', index, caption, target, 1);
  return [...target.subarray(1, 3)];
}

describe('caption store', () => {
  it('gives texts and vectors of each image, the last training images for validation', async () => {
    await writeCaptionStore(file, options);
    expect(readdirSync(folder)).toEqual(['a.captions']);
    const store = open();
    expect(store).toMatchObject({
      width: 2,
      fingerprint: 'toy',
      count: { train: 2, validation: 1, test: 1 },
    });
    expect([0, 1].map((index) => store.captions('train', index))).toEqual([2, 1]);
    expect(store.text('train', 0, 1)).toBe('Kätzchen');
    expect(store.text('validation', 0, 1)).toBe('a dog');
    expect(store.text('test', 0, 0)).toBe('an ox');
    expect(vectorOf(store, 0, 0)).toEqual([5, 10]);
    expect(vectorOf(store, 0, 1)).toEqual([8, 16]);
    expect(store.share('train', 0, 1)).toBe(false);
    const all = open(0);
    expect(all.share('train', 0, 2)).toBe(true); // a cat
    expect(all.share('train', 2, 1)).toBe(true); // a dog
  });

  it('encodes a text once, however many images have it', async () => {
    const seen: string[] = [];
    await writeCaptionStore(file, {
      ...options,
      encode: (texts) => {
        seen.push(...texts);
        return encode(texts);
      },
    });
    expect(seen).toEqual(['a cat', 'Kätzchen', 'a dog', 'an ox']);
  });

  it('encodes many texts in several goes and keeps them apart', async () => {
    const names = Array.from({ length: 700 }, (_, i) => 'x'.repeat(i + 1));
    const goes: number[] = [];
    await writeCaptionStore(file, {
      ...options,
      count: { train: 700, test: 0 },
      captions: captions({
        read: async function* () {
          yield { texts: names.map((name) => [name]), vectors: null };
        },
      }),
      encode: (texts) => {
        goes.push(texts.length);
        return encode(texts);
      },
    });
    expect(goes).toEqual([256, 256, 188]);
    const store = open(0);
    for (const index of [0, 255, 256, 699])
      expect(vectorOf(store, index, 0)).toEqual([index + 1, 2 * index + 2]);
  });

  it('takes vectors as they are, copied, with or without texts', async () => {
    const reused = new Float32Array(2);
    const given = (texts: boolean): OpenCaptions =>
      captions({
        texts,
        width: 2,
        read: async function* (split) {
          for (const [i, words] of TEXTS[split].entries()) {
            reused.set([i, split === 'train' ? 7 : 8]);
            yield { texts: texts ? [words.slice(0, 1)] : null, vectors: [[reused]] };
          }
        },
      });
    await writeCaptionStore(file, { ...options, captions: given(false), encode: null });
    expect([0, 1].map((index) => vectorOf(open(), index, 0))).toEqual([
      [0, 7],
      [1, 7],
    ]);
    expect(open().text('train', 0, 0)).toBeNull();
    expect(open().share('train', 0, 1)).toBe(false);
    rmSync(file);
    await writeCaptionStore(file, { ...options, captions: given(true), encode: null });
    expect(open().text('validation', 0, 0)).toBe('a cat');
  });

  it.each<[string, Partial<CaptionBatch>, Partial<WriteCaptionStoreOptions>, string]>([
    [
      'an image without a text',
      { texts: [['a'], [], ['b']] },
      {},
      'captions of train image 1: expected one text or more, got none.',
    ],
    [
      'too few captions',
      { texts: [['a'], ['b']] },
      {},
      'train images: expected captions of 3, got 2.',
    ],
    [
      'vectors of another width',
      { texts: null, vectors: [[new Float32Array(3)]] },
      { encode: null },
      'captions of train image 0: expected vectors of 2 numbers, got 3.',
    ],
    [
      'more texts than vectors',
      { texts: [['a', 'b']], vectors: [[new Float32Array(2)]] },
      { encode: null },
      'captions of train image 0: expected as many vectors as texts, 2, got 1.',
    ],
    [
      'vectors that are not finite',
      { texts: null, vectors: [0, 1, 2].map(() => [Float32Array.of(1, Number.NaN)]) },
      { encode: null, count: { train: 3, test: 0 } },
      'vector 0: expected finite numbers, got others.',
    ],
    [
      'an encoder of another width',
      { texts: [['a'], ['b'], ['c']] },
      { encode: async () => new Float32Array(9), count: { train: 3, test: 0 } },
      'vectors of 3 texts: expected 3 × 2 numbers, got 9.',
    ],
  ])('refuses %s and leaves no file', async (_, batch, changes, message) => {
    const read: OpenCaptions['read'] = async function* () {
      yield { texts: null, vectors: null, ...batch };
    };
    const written = writeCaptionStore(file, {
      ...options,
      captions: captions({ read }),
      ...changes,
    });
    await expect(written).rejects.toMatchObject({ code: 'LAPYRA_DATA_CAPTIONS', message });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('stops when told to', async () => {
    const signal = AbortSignal.abort(new Error('stop'));
    await expect(writeCaptionStore(file, { ...options, signal })).rejects.toThrow('stop');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('finds out whatever byte was changed, and what is cut off', async () => {
    await writeCaptionStore(file, options);
    const good = readFileSync(file);
    for (let at = 0; at < good.length; at++) {
      if (at >= 16 + good.readUInt32LE(8) && at < headerEnd(good)) continue; // padding
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ 0x20;
      writeFileSync(file, bad);
      expect(() => {
        const store = open();
        for (const index of [0, 1])
          for (let i = 0; i < store.captions('train', index); i++) vectorOf(store, index, i);
        for (const split of ['validation', 'test'] as const)
          for (let i = 0; i < store.captions(split, 0); i++)
            store.readInto(split, 0, i, new Float32Array(2));
      }, `byte ${at}`).toThrow(expect.objectContaining({ code: 'LAPYRA_DATA_DAMAGED' }));
    }
    writeFileSync(file, good.subarray(0, -1));
    expect(() => open()).toThrow(/the file was cut off or changed/);
    writeFileSync(file, 'something else');
    expect(() => open()).toThrow(/expected the header of a caption store, got something else/);
  });

  it('refuses images and captions that are not there', async () => {
    await writeCaptionStore(file, options);
    expect(() => open().captions('train', 2)).toThrow('expected an index below 2, got 2.');
    expect(() => open().text('train', 1, 1)).toThrow(
      'caption of train image 1: expected an index below 1, got 1.',
    );
  });
});

function headerEnd(bytes: Buffer): number {
  return Math.ceil((16 + bytes.readUInt32LE(8)) / 64) * 64;
}
