// A folder of the cache appears under its name when all that belongs into it is there and checked, never before.
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LapyraError } from '@lapyra/core';
import { SourceFailure } from './source-failure.js';

export interface CacheFolder {
  readonly cacheFolder: string;
  /** Of the folder in it. */
  readonly name: string;
  /** What is in it, for messages: `CIFAR-10`. */
  readonly title: string;
  /** Room that is needed on the way, for messages: `0.6 GB`. */
  readonly room: string;
  /** Whether what lies under the name passes the same checks: then another process was faster. */
  isThere(): Promise<boolean>;
}

const ONE_DAY = 24 * 60 * 60 * 1000;

/**
 * Fetch into a temporary folder beside, check, and only then give it its name, in place of what is there.
 *
 * @param fill fetches and checks
 * @throws {LapyraError} `LAPYRA_DATASET_CACHE` if the cache cannot be written; what `fill` throws
 */
export async function fillCacheFolder<Result>(
  { cacheFolder, name, title, room, isThere }: CacheFolder,
  fill: (folder: string) => Promise<Result>,
): Promise<Result> {
  const asCacheError = (error: unknown): unknown => cacheError(error, { cacheFolder, title, room });
  const prefix = `${name}-tmp-`;
  await removeLeftovers(cacheFolder, prefix);
  const temporary = join(cacheFolder, prefix + randomUUID());
  try {
    await mkdir(temporary, { recursive: true }); // mkdtemp would lock others out of a shared cache
  } catch (error) {
    throw asCacheError(error);
  }
  const target = join(cacheFolder, name);
  try {
    const result = await fill(temporary);
    await rm(target, { recursive: true, force: true }); // damaged, or it would have been used
    await rename(temporary, target).catch(async (error: unknown) => {
      if (!(await isThere())) throw error;
    });
    return result;
  } catch (error) {
    throw asCacheError(error);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

const DISK_FAULTS = ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'ENOTDIR', 'EEXIST', 'EIO'];

/** A cache that cannot be written is no fault of the source: trying the next one would not help. */
function cacheError(
  error: unknown,
  { cacheFolder, title, room }: Pick<CacheFolder, 'cacheFolder' | 'title' | 'room'>,
): unknown {
  const origin: unknown = error instanceof SourceFailure ? error.cause : error;
  const { code, syscall } = (origin ?? {}) as NodeJS.ErrnoException;
  if (code === undefined || !DISK_FAULTS.includes(code) || syscall === 'connect') return error;
  return new LapyraError(
    'LAPYRA_DATASET_CACHE',
    `${cacheFolder}: expected a writable folder with room for about ${room} while ${title} is fetched, got ${code}.`,
    { cause: origin, hint: 'Make room, or choose another cache folder.' },
  );
}

/** Temporary folders of processes that were killed; a day later nobody is fetching into them any more. */
async function removeLeftovers(cacheFolder: string, prefix: string): Promise<void> {
  const names = await readdir(cacheFolder).catch(() => []);
  for (const name of names.filter((entry) => entry.startsWith(prefix))) {
    const path = join(cacheFolder, name);
    const age = Date.now() - (await stat(path).then((entry) => entry.mtimeMs, Date.now));
    if (age > ONE_DAY) await rm(path, { recursive: true, force: true });
  }
}
