import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { encodeSafetensors } from '@lapyra/core';
import { encodePng } from '@lapyra/images';

/** A PNG of one grey. */
export async function grey(value: number): Promise<Uint8Array> {
  return encodePng({ size: [2, 2], channels: 3, pixels: new Uint8Array(12).fill(value) });
}

/** A temporary folder with these files. */
export async function makeFolder(
  files: Readonly<Record<string, Uint8Array | string>>,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lapyra-captions-'));
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  return folder;
}

/** A file as numpy.save writes it, version 1.0: the header is padded with spaces so that the data begin at 64 · n. */
export function npy(
  shape: readonly number[],
  values: readonly number[],
  { type = '<f4', fortran = 'False' }: { type?: string; fortran?: string } = {},
): Buffer {
  const sides = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${type}', 'fortran_order': ${fortran}, 'shape': (${sides}), }`;
  const padded = `${text.padEnd(Math.ceil((10 + text.length + 1) / 64) * 64 - 11)}\n`;
  const head = Buffer.alloc(10);
  head.write('\u0093NUMPY', 'latin1');
  head.writeUInt8(1, 6);
  head.writeUInt16LE(padded.length, 8);
  const size = type.endsWith('8') ? 8 : 4;
  const data = Buffer.alloc(values.length * size);
  values.forEach((value, i) =>
    size === 8 ? data.writeDoubleLE(value, i * 8) : data.writeFloatLE(value, i * 4),
  );
  return Buffer.concat([head, Buffer.from(padded), data]);
}

/** A safetensors file of float32 tensors. */
export function safetensors(
  tensors: Readonly<Record<string, readonly [shape: readonly number[], values: readonly number[]]>>,
): Buffer {
  return Buffer.concat(
    encodeSafetensors(
      Object.fromEntries(
        Object.entries(tensors).map(([name, [shape, values]]) => [
          name,
          { dtype: 'float32', shape, data: Float32Array.from(values) },
        ]),
      ),
    ),
  );
}
