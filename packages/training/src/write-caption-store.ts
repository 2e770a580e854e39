import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { LapyraError, type OpenCaptions } from '@lapyra/core';
import { encodeCaptionStoreHeader } from './caption-store-header.js';
import { removeOldTemporaries, writeDurably } from './durable-file.js';

export interface WriteCaptionStoreOptions {
  readonly captions: OpenCaptions;
  /** Images of the data set. */
  readonly count: { readonly train: number; readonly test: number };
  /** Of images, captions and encoder together. */
  readonly fingerprint: string;
  /** Length of a vector. */
  readonly width: number;
  /** The vectors of texts, [texts, width]; `null`: the captions bring vectors of their own. */
  readonly encode: ((texts: readonly string[]) => Promise<Float32Array>) | null;
  /** Called with the number of images done so far. */
  progress?(event: { readonly done: number; readonly total: number }): void;
  readonly signal?: AbortSignal;
}

/** Texts encoded at once. */
const AT_ONCE = 256;

/**
 * Write the captions of a data set, as vectors and with their texts, into one file for {@link openCaptionStore}. It appears
 * under its name only when it is whole.
 *
 * @throws {LapyraError} `LAPYRA_DATA_CAPTIONS` if there are more or fewer captions than images, an image without one,
 * vectors of another width or that are not finite, or not as many vectors as texts; what the data set and `encode`
 * throw; `LAPYRA_FILE_WRITE`; the signal's reason if it is aborted
 */
export async function writeCaptionStore(
  file: string,
  options: WriteCaptionStoreOptions,
): Promise<void> {
  await removeOldTemporaries(dirname(file));
  await writeDurably(file, storeBytes(options));
}

/** One caption: what it is known by, and what it says. */
interface Caption {
  readonly text: string | null;
  readonly vector: Float32Array | null;
}

async function* storeBytes(options: WriteCaptionStoreOptions): AsyncGenerator<Uint8Array> {
  const { captions, count, fingerprint, width, encode, progress, signal } = options;
  yield encodeCaptionStoreHeader({ width, texts: captions.texts, fingerprint, count });
  const numbers = new Map<string, number>();
  const texts: string[] = [];
  const sums: number[] = [];
  const uses: number[] = [];
  const firstUses: number[] = [];
  let waiting: Caption[] = [];
  const flush = async (): Promise<Uint8Array> => {
    const vectors = encode
      ? await encode(waiting.map(({ text }) => text ?? ''))
      : concatenate(waiting, width);
    if (vectors.length !== waiting.length * width)
      throw captionsError(
        `vectors of ${waiting.length} texts`,
        `${waiting.length} × ${width} numbers`,
        String(vectors.length),
      );
    waiting.forEach(({ text }, i) => {
      const vector = vectors.subarray(i * width, (i + 1) * width);
      if (!vector.every((value) => Number.isFinite(value)))
        throw captionsError(
          text === null ? `vector ${sums.length}` : `vector of '${text}'`,
          'finite numbers',
          'others',
        );
      sums.push(crc32(bytesOf(vector)));
    });
    waiting = [];
    return bytesOf(vectors);
  };
  for await (const { done, all } of imagesOf(options)) {
    signal?.throwIfAborted();
    firstUses.push(uses.length);
    for (const caption of all) {
      const key = encode ? (caption.text ?? '') : hashOf(caption.vector);
      const known = numbers.get(key);
      uses.push(known ?? numbers.size);
      if (known !== undefined) continue;
      numbers.set(key, numbers.size);
      texts.push(caption.text ?? '');
      waiting.push(caption);
    }
    if (waiting.length >= AT_ONCE) {
      yield await flush();
      progress?.({ done, total: count.train + count.test });
    }
  }
  if (waiting.length > 0) yield await flush();
  progress?.({ done: count.train + count.test, total: count.train + count.test });

  const words = texts.map((text) => Buffer.from(text));
  const textStarts = [0];
  for (const { length } of words) textStarts.push((textStarts.at(-1) ?? 0) + length);
  const table = Buffer.concat([
    ...[[...firstUses, uses.length], uses, textStarts, sums].map(words32),
    ...words,
    words32([texts.length, uses.length, textStarts.at(-1) ?? 0]),
  ]);
  yield table;
  yield words32([crc32(table)]);
}

/** The captions of one image after the other, checked against what was announced. */
async function* imagesOf({
  captions,
  count,
  width,
  encode,
}: WriteCaptionStoreOptions): AsyncGenerator<{ done: number; all: readonly Caption[] }> {
  let done = 0;
  for (const split of ['train', 'test'] as const) {
    if (count[split] === 0) continue;
    let read = 0;
    for await (const { texts, vectors } of captions.read(split)) {
      const images = texts?.length ?? vectors?.length ?? 0;
      if (texts && vectors && texts.length !== vectors.length)
        throw captionsError(`${split} images`, `vectors of ${texts.length}`, `${vectors.length}`);
      for (let i = 0; i < images; i++, read++, done++) {
        const subject = `captions of ${split} image ${read}`;
        yield { done: done + 1, all: captionsOf(texts?.[i], vectors?.[i], subject, width, encode) };
      }
    }
    if (read !== count[split])
      throw captionsError(`${split} images`, `captions of ${count[split]}`, `${read}`);
  }
}

function captionsOf(
  texts: readonly string[] | undefined,
  vectors: readonly Float32Array[] | undefined,
  subject: string,
  width: number,
  encode: WriteCaptionStoreOptions['encode'],
): readonly Caption[] {
  if (encode) {
    if (!texts || texts.length === 0) throw captionsError(subject, 'one text or more', 'none');
    return texts.map((text) => ({ text, vector: null }));
  }
  if (!vectors || vectors.length === 0) throw captionsError(subject, 'one vector or more', 'none');
  if (texts && texts.length !== vectors.length)
    throw captionsError(subject, `as many vectors as texts, ${texts.length}`, `${vectors.length}`);
  return vectors.map((vector, i) => {
    if (vector.length !== width)
      throw captionsError(subject, `vectors of ${width} numbers`, `${vector.length}`);
    return { text: texts?.[i] ?? null, vector: vector.slice() }; // a data set may fill one array again and again
  });
}

function captionsError(subject: string, expected: string, got: string): LapyraError {
  return new LapyraError('LAPYRA_DATA_CAPTIONS', `${subject}: expected ${expected}, got ${got}.`);
}

function concatenate(captions: readonly Caption[], width: number): Float32Array {
  const all = new Float32Array(captions.length * width);
  captions.forEach(({ vector }, i) => all.set(vector ?? [], i * width));
  return all;
}

function hashOf(vector: Float32Array | null): string {
  return createHash('sha256')
    .update(vector ? bytesOf(vector) : '')
    .digest('base64');
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function words32(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => bytes.writeUInt32LE(value, i * 4));
  return bytes;
}
