import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DatasetContext } from '@lapyra/core';
import { SourceFailure } from '@lapyra/datasets';
import { x as extract } from 'tar';
import { checksumError } from './batch-folder.js';
import { BATCH_FILES, META_FILE, type Publication } from './publication.js';

/** How long a host may take to answer, and to send the next bytes. */
export interface Patience {
  readonly connect: number;
  readonly stall: number;
}

const PATIENCE: Patience = { connect: 5_000, stall: 30_000 };

/**
 * Download the official archive into `folder`, check it and take its files out.
 *
 * @throws {SourceFailure} if the host cannot be reached or does not send it; {LapyraError} `LAPYRA_DATASET_CHECKSUM`
 * if what it sends is something else
 */
export async function fetchArchive(
  { archive }: Publication,
  folder: string,
  context: Pick<DatasetContext, 'signal' | 'progress'>,
  patience: Patience = PATIENCE,
): Promise<void> {
  const file = join(folder, 'archive.tar.gz');
  await download(archive, file, context, patience);
  const wanted = new Set([...BATCH_FILES, META_FILE]);
  await extract({ file, cwd: folder, strip: 1, filter: (path) => wanted.has(basename(path)) });
  await rm(file);
}

async function download(
  archive: Publication['archive'],
  file: string,
  context: Pick<DatasetContext, 'signal' | 'progress'>,
  patience: Patience,
): Promise<void> {
  const [md5, sha256] = [createHash('md5'), createHash('sha256')];
  const impatience = new AbortController();
  const wait = (limit: number, what: string): NodeJS.Timeout =>
    setTimeout(() => impatience.abort(new Error(`${what} for ${limit / 1000} s`)), limit);
  let timer = wait(patience.connect, 'no answer');
  const target = await open(file, 'w');
  let done = 0;
  try {
    const signal = AbortSignal.any([context.signal, impatience.signal]);
    const response = await fetch(archive.url, { signal });
    if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
    for await (const chunk of response.body) {
      const bytes = chunk as Uint8Array;
      clearTimeout(timer);
      timer = wait(patience.stall, 'nothing sent');
      md5.update(bytes);
      sha256.update(bytes);
      done += bytes.length;
      if (done > archive.size) break; // something else: no need to see its end
      await target.writeFile(bytes);
      context.progress({ what: 'CIFAR-10 archive', done, total: archive.size, unit: 'bytes' });
    }
  } catch (error) {
    context.signal.throwIfAborted();
    throw new SourceFailure(reasonOf(error), error);
  } finally {
    clearTimeout(timer);
    await target.close();
  }
  const name = basename(archive.url);
  if (done !== archive.size) {
    const got = done > archive.size ? `more than ${archive.size}` : String(done);
    throw checksumError(name, `${archive.size} bytes`, got);
  }
  for (const [title, hash, expected] of [
    ['MD5', md5, archive.md5],
    ['SHA-256', sha256, archive.sha256],
  ] as const) {
    const got = hash.digest('hex');
    if (got !== expected) throw checksumError(name, `${title} ${expected}`, got);
  }
}

/** fetch says "fetch failed" and hides why in its cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
