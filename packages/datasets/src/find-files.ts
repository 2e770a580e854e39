import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LapyraError } from '@lapyra/core';
import { mapInOrder } from './map-in-order.js';

/** A file below the folder, before anybody knows what is in it. */
export interface FoundFile {
  /** Relative to the folder, parts joined by `/` on every system. */
  readonly path: string;
  /** The first bytes; empty for a file that cannot be read. */
  readonly start: Uint8Array;
}

/** What operating systems and file servers leave behind. */
const LITTER = new Set(['__MACOSX', '@eaDir', 'Thumbs.db', 'desktop.ini']);

/**
 * All files below a folder with their first bytes, sorted by path (by code units, the same on every system). Hidden
 * files are left out; links are followed at the top and in class folders, not deeper, where they could lead in circles.
 *
 * @param title the plugin's name, for messages
 * @throws {LapyraError} `LAPYRA_DATASET_FOLDER` if there is no such folder
 */
export async function findFiles(
  title: string,
  folder: string,
  startBytes: number,
  signal: AbortSignal,
): Promise<FoundFile[]> {
  const paths: string[] = [];
  try {
    await walk(folder, '', 0, paths);
  } catch (cause) {
    const { code, path = folder } = cause as NodeJS.ErrnoException;
    const got = { ENOENT: 'nothing', ENOTDIR: 'a file' }[code ?? ''] ?? String(code ?? cause);
    throw new LapyraError(
      'LAPYRA_DATASET_FOLDER',
      `${title}: ${path}: expected a folder, got ${got}.`,
      { cause, hint: 'Relative folders start at the folder that holds the config.' },
    );
  }
  paths.sort((a, b) => (a.normalize('NFC') < b.normalize('NFC') ? -1 : 1));
  const files: FoundFile[] = [];
  const read = async (path: string): Promise<FoundFile> => ({
    path,
    start: await readStart(join(folder, path), startBytes),
  });
  for await (const file of mapInOrder(paths, 16, read)) {
    signal.throwIfAborted();
    files.push(file);
  }
  return files;
}

async function walk(root: string, below: string, depth: number, paths: string[]): Promise<void> {
  const entries = await readdir(join(root, below), { withFileTypes: true });
  for (const entry of entries) {
    if (entry.name.startsWith('.') || LITTER.has(entry.name)) continue;
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    let folder = entry.isDirectory();
    if (entry.isSymbolicLink() && depth === 0) {
      const target = await stat(join(root, path)).catch(() => null);
      folder = target?.isDirectory() ?? false;
    }
    if (folder) await walk(root, path, depth + 1, paths);
    else if (entry.isFile() || entry.isSymbolicLink()) paths.push(path);
  }
}

async function readStart(file: string, length: number): Promise<Uint8Array> {
  try {
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(new Uint8Array(length), 0, length, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch {
    return new Uint8Array(0); // what it is called decides whether that is a fault or of no interest
  }
}
