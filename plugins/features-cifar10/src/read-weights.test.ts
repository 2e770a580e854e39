import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expectRefusal } from '@lapyra/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readWeights } from './read-weights.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lapyra-features-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function stored(name: string, bytes: Uint8Array): Promise<URL> {
  const file = join(folder, name);
  await writeFile(file, bytes);
  return pathToFileURL(file);
}

/** A safetensors file by hand. */
function file(header: object, data: Uint8Array): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(json.length), true);
  return Uint8Array.from([...length, ...json, ...data]);
}

const header = {
  'a.scale': { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
  'a.bias': { dtype: 'F32', shape: [2], data_offsets: [8, 16] },
  'a.weight': { dtype: 'I8', shape: [2, 2], data_offsets: [16, 20] },
};
const data = new Uint8Array([
  ...new Uint8Array(Float32Array.of(0.5, 2, 10, -10).buffer),
  ...new Uint8Array(Int8Array.of(1, -1, 127, -127).buffer),
]);

describe('readWeights', () => {
  it('multiplies each int8 by the scale of its output plane', async () => {
    expect(await readWeights(await stored('good', file(header, data)))).toEqual({
      'a.weight': { dtype: 'float32', shape: [2, 2], data: Float32Array.of(0.5, -2, 63.5, -254) },
      'a.bias': { dtype: 'float32', shape: [2], data: Float32Array.of(10, -10) },
    });
  });

  it('refuses a file that is not there, cut off, or something else', async () => {
    const good = file(header, data);
    const { 'a.scale': _, ...lacking } = header;
    const cases: [URL, string][] = [
      [pathToFileURL(join(folder, 'none')), 'ENOENT'],
      [await stored('cut', good.subarray(0, -1)), "too few bytes for tensor 'a.weight'"],
      [await stored('lacking', file(lacking, data)), "no tensor 'a.scale' of F32"],
      [
        await stored('text', await readFile(new URL('../README.md', import.meta.url))),
        'expected the weights',
      ],
    ];
    for (const [url, said] of cases) {
      const { hint } = await expectRefusal(readWeights(url), 'LAPYRA_FEATURES_WEIGHTS', said);
      expect(hint).toBe('Install the package anew.');
    }
  });
});
