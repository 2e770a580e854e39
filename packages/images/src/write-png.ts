import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LapyraError } from '@lapyra/core';
import { encodePng, type PngOptions } from './encode-png.js';
import type { Picture } from './picture.js';

/**
 * Write a PNG file; missing folders are made. It is written under a temporary name and renamed, so that nobody ever
 * sees half of it and an older file stays whole if the disk is full.
 *
 * @throws {LapyraError} `LAPYRA_IMAGE_SHAPE` for a picture that is none; `LAPYRA_IMAGE_WRITE` if the file cannot be
 * written
 */
export async function writePng(
  file: string,
  picture: Picture,
  options: PngOptions = {},
): Promise<void> {
  const bytes = await encodePng(picture, options);
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeSynced(temporary, bytes);
    await rename(temporary, file);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new LapyraError(
      'LAPYRA_IMAGE_WRITE',
      `${file}: expected a place to write a PNG file, got ${reason}.`,
      { cause, hint: 'Check that the folder is writable and that the disk has room.' },
    );
  }
}

async function writeSynced(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
