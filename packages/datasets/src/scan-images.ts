import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DatasetContext, LapyraError } from '@lapyra/core';
import { mapInOrder } from './map-in-order.js';

/** A picture as the scan found it. */
export interface ScannedImage {
  /** Relative to the folder, parts joined by `/`. */
  readonly path: string;
  /** SHA-256 of the file. */
  readonly sum: string;
  /** Why it cannot be used; `null` if nothing speaks against it. */
  readonly fault: string | null;
}

/** Looks at the bytes of a file and throws a LapyraError if it finds a fault. */
export type Inspect = (bytes: Uint8Array, path: string) => Promise<unknown>;

/** sharp works on other threads: a few files at a time keep them busy, and memory small. */
export const AT_A_TIME = 4;

/** Read each file once: its checksum, and what `inspect` has against it. */
export async function scanImages(
  folder: string,
  paths: readonly string[],
  inspect: Inspect,
  { signal, progress }: Pick<DatasetContext, 'signal' | 'progress'>,
  what: string,
): Promise<ScannedImage[]> {
  const images: ScannedImage[] = [];
  const scan = (path: string): Promise<ScannedImage> => scanImage(folder, path, inspect);
  for await (const image of mapInOrder(paths, AT_A_TIME, scan)) {
    signal.throwIfAborted();
    images.push(image);
    if (images.length % 100 === 0 || images.length === paths.length)
      progress({ what, done: images.length, total: paths.length, unit: 'images' });
  }
  return images;
}

export function checksum(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function scanImage(folder: string, path: string, inspect: Inspect): Promise<ScannedImage> {
  let sum = '';
  try {
    const bytes = await readFile(join(folder, path));
    sum = checksum(bytes);
    await inspect(bytes, path);
    return { path, sum, fault: null };
  } catch (error) {
    if (LapyraError.is(error)) return { path, sum, fault: error.message.replace(/\.$/, '') };
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return { path, sum, fault: `${path}: expected a readable file, got ${code}` };
  }
}
