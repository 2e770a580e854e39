// Ready vectors of the pictures' captions: one array of NumPy, or a tensor for each picture.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { decodeSafetensors, LapyraError, type TensorValue } from '@lapyra/core';
import type { CaptionedPicture } from './captioned-picture.js';
import { type NpyArray, readNpyHeader, readNumbers } from './npy-file.js';

export interface VectorFile {
  /** Length of a vector. */
  readonly width: number;
  /** SHA-256 of the file. */
  readonly sum: string;
  /** How many vectors the picture at a place of the listing has. */
  count(place: number): number;
  /** The vectors of pictures, by their places in the listing. */
  read(places: readonly number[]): Promise<readonly Float32Array[][]>;
}

type Pictures = readonly Pick<CaptionedPicture, 'path' | 'rows'>[];

/**
 * Open a file of vectors and compare it with the pictures.
 *
 * A `.npy` file holds float32 or float64: [pictures, width], or [pictures, captions, width], in the order of the listing; or
 * [any, width] if the listing names rows. A `.safetensors` file holds a float32 tensor for each picture, called by its path,
 * [width] or [captions, width].
 *
 * @throws {LapyraError} `LAPYRA_DATASET_VECTORS`
 */
export async function openVectorFile(file: string, pictures: Pictures): Promise<VectorFile> {
  if (file.endsWith('.npy')) return openNpy(file, pictures);
  if (file.endsWith('.safetensors')) return openSafetensors(file, pictures);
  throw vectorsError(file, 'a .npy or .safetensors file', 'another');
}

async function openNpy(file: string, pictures: Pictures): Promise<VectorFile> {
  const array = await withFile(file, readNpyHeader);
  if (typeof array === 'string') throw vectorsError(file, 'float32 or float64 of NumPy', array);
  const rows = rowsOf(file, array, pictures);
  const width = array.shape.at(-1) ?? 0;
  return {
    width,
    sum: await fileSum(file),
    count: (place) => rows[place]?.length ?? 0,
    read: (places) =>
      withFile(file, async (handle) => {
        const all: Float32Array[][] = [];
        for (const place of places) {
          const vectors: Float32Array[] = [];
          for (const row of rows[place] ?? [])
            vectors.push(await readNumbers(handle, array, row * width, width));
          all.push(vectors);
        }
        return all;
      }),
  };
}

/** For each picture its rows in the array, seen as [all, width]. */
function rowsOf(file: string, { shape }: NpyArray, pictures: Pictures): (readonly number[])[] {
  const [first = 0, second = 0] = shape;
  const got = `[${shape.join(', ')}]`;
  if (pictures[0]?.rows) {
    if (shape.length !== 2 || second < 1)
      throw vectorsError(file, '[rows, width], since the list names rows', got);
    return pictures.map(({ path, rows }) => {
      const outside = rows?.find((row) => row >= first);
      if (outside !== undefined)
        throw vectorsError(file, `${outside + 1} rows or more, for ${path}`, got);
      return rows ?? [];
    });
  }
  const { length } = pictures;
  if (first !== length || shape.length < 2 || shape.length > 3 || shape.includes(0))
    throw vectorsError(file, `[${length}, width] or [${length}, captions, width]`, got);
  const captions = shape.length === 3 ? second : 1;
  return pictures.map((_, place) =>
    Array.from({ length: captions }, (__, caption) => place * captions + caption),
  );
}

async function openSafetensors(file: string, pictures: Pictures): Promise<VectorFile> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw missing(file, cause);
  });
  const { tensors } = decodeSafetensors(bytes, file);
  const all = pictures.map(({ path }) => {
    const tensor = Object.hasOwn(tensors, path) ? tensors[path] : undefined;
    if (!tensor) throw vectorsError(file, `a tensor called '${path}'`, 'none');
    return { path, tensor };
  });
  const width = all[0]?.tensor.shape.at(-1) ?? 0;
  for (const { path, tensor } of all) {
    const { dtype, shape } = tensor;
    const fits =
      dtype === 'float32' &&
      (shape.length === 1 || shape.length === 2) &&
      shape.at(-1) === width &&
      !shape.includes(0);
    if (!fits)
      throw vectorsError(
        file,
        `float32 [${width}] or [captions, ${width}] for '${path}'`,
        `${dtype} [${shape.join(', ')}]`,
      );
  }
  const vectorsOf = ({ data }: TensorValue): Float32Array[] =>
    Array.from({ length: data.length / width }, (_, i) =>
      Float32Array.from(data.subarray(i * width, (i + 1) * width)),
    );
  return {
    width,
    sum: createHash('sha256').update(bytes).digest('hex'),
    count: (place) => (all[place]?.tensor.data.length ?? 0) / width,
    read: async (places) =>
      places.map((place) => {
        const one = all[place];
        return one ? vectorsOf(one.tensor) : [];
      }),
  };
}

async function withFile<Result>(
  file: string,
  work: (handle: Awaited<ReturnType<typeof open>>) => Promise<Result>,
): Promise<Result> {
  const handle = await open(file).catch((cause: unknown) => {
    throw missing(file, cause);
  });
  try {
    return await work(handle);
  } finally {
    await handle.close();
  }
}

async function fileSum(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 }))
    hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

function missing(file: string, cause: unknown): LapyraError {
  const { code } = cause as NodeJS.ErrnoException;
  return vectorsError(
    file,
    'a file of vectors',
    code === 'ENOENT' ? 'nothing' : (code ?? String(cause)),
    cause,
  );
}

function vectorsError(file: string, expected: string, got: string, cause?: unknown): LapyraError {
  return new LapyraError(
    'LAPYRA_DATASET_VECTORS',
    `captions: ${file}: expected ${expected}, got ${got}.`,
    {
      hint: 'The README of @lapyra/dataset-captions says what such a file holds; its path begins in the folder of the pictures.',
      ...(cause === undefined ? {} : { cause }),
    },
  );
}
