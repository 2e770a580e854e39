// What must survive a crash is written to a temporary name, synced, and renamed over the old file: a reader sees the
// old content or the new, never half of it.
import { randomUUID } from 'node:crypto';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Json, LapyraError } from '@lapyra/core';

/**
 * Write `file` so that a crash at any moment leaves the old content or the new. If it fails the temporary file is
 * removed, as far as that is possible.
 *
 * @throws {LapyraError} `LAPYRA_FILE_WRITE` naming the file; what `chunks` throws
 */
export async function writeDurably(
  file: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const temporary = temporaryName(file);
  try {
    await writeSynced(temporary, chunks, file);
    await onDisk(file, () => rename(temporary, file));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await onDisk(file, () => syncFolder(dirname(file)));
}

/** {@link writeDurably} for plain data, indented for people. */
export async function writeJsonDurably(file: string, value: object | Json): Promise<void> {
  await writeDurably(file, [Buffer.from(`${JSON.stringify(value, null, 2)}\n`)]);
}

/**
 * Write a new file and sync it to the disk; refuses to write over an existing one.
 *
 * @param name what errors call the file
 * @throws {LapyraError} `LAPYRA_FILE_WRITE`; what `chunks` throws
 */
export async function writeSynced(
  file: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  name: string = file,
): Promise<void> {
  const handle = await onDisk(name, () => open(file, 'wx'));
  try {
    for await (const chunk of chunks) await onDisk(name, () => writeWhole(handle, chunk));
    await onDisk(name, () => handle.sync());
  } finally {
    await onDisk(name, () => handle.close());
  }
}

/**
 * Do something that changes the disk.
 *
 * @throws {LapyraError} `LAPYRA_FILE_WRITE` with `file` and the reason, where the system refuses
 */
export async function onDisk<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileWriteError(file, error);
  }
}

/** {@link onDisk} for synchronous work. */
export function onDiskSync<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw fileWriteError(file, error);
  }
}

/** Sync a folder's entries, so that a rename inside it survives a power cut. Some systems cannot: then nothing. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return; // folders cannot be opened there
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // File systems without folder sync say so; the rename is as safe there as they can make it.
    if (!['EINVAL', 'ENOTSUP', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
  } finally {
    await handle.close();
  }
}

/** A name beside `file` that nobody else uses; names of this form are litter when no process writes them. */
export function temporaryName(file: string): string {
  return join(dirname(file), `.tmp-${basename(file)}-${process.pid}-${randomUUID().slice(0, 8)}`);
}

/** Whether a name in a folder was made by {@link temporaryName}. */
export function isTemporaryName(name: string): boolean {
  return name.startsWith('.tmp-');
}

const DAY = 24 * 3600 * 1000;

/** Remove temporary files that nobody has written to for a day; what cannot be removed stays. */
export async function removeOldTemporaries(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []); // the write itself tells what is wrong with the folder
  for (const name of names.filter(isTemporaryName)) {
    const file = join(folder, name);
    const found = await stat(file).catch(() => null); // another process was quicker
    if (found?.isFile() && Date.now() - found.mtimeMs > DAY)
      await rm(file, { force: true }).catch(() => undefined);
  }
}

/** A failure of the system as an error that says the way out; anything else as it is. */
function fileWriteError(file: string, error: unknown): unknown {
  const { code, message, syscall } = error as NodeJS.ErrnoException;
  if (LapyraError.is(error) || syscall === undefined) return error;
  return new LapyraError(
    'LAPYRA_FILE_WRITE',
    `${file}: expected to write it, got ${code ?? syscall} (${message}).`,
    {
      hint: 'Free some space, or make the folder writable; the same command goes on from there.',
      cause: error,
    },
  );
}

async function writeWhole(
  handle: Awaited<ReturnType<typeof open>>,
  chunk: Uint8Array,
): Promise<void> {
  // One call may write less than it is given: near the end of a disk or of a quota.
  for (let done = 0; done < chunk.length;) {
    const { bytesWritten } = await handle.write(chunk, done, chunk.length - done);
    done += bytesWritten;
  }
}
