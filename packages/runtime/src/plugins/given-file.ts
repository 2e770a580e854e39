import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type GivenFile, LapyraError } from '@lapyra/core';

/** SHA-256 in hexadecimal of files that options name, by the names of the options. */
export type FileHashes = Readonly<Record<string, string>>;

/**
 * Read a file that an option names.
 *
 * @param subject what messages begin with
 * @param folder where a relative path begins
 * @param stored the hash of the file that a run began with; `undefined` before there is a run
 * @throws {LapyraError} `LAPYRA_PLUGIN_FILE` if it cannot be read, `LAPYRA_PLUGIN_FILE_CHANGED`
 */
export async function readGivenFile(
  subject: string,
  folder: string,
  name: string,
  stored: string | undefined,
): Promise<{ readonly file: GivenFile; readonly sha256: string }> {
  const path = resolve(folder, name);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    const { code = 'something else' } = cause as NodeJS.ErrnoException;
    const got = code === 'ENOENT' ? 'none' : code === 'EISDIR' ? 'a folder' : code;
    throw new LapyraError(
      'LAPYRA_PLUGIN_FILE',
      `${subject}: expected a file at ${path}, got ${got}.`,
      {
        hint: `Paths of files begin in the project's folder, ${folder}.`,
        cause,
      },
    );
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (stored !== undefined && stored !== sha256) {
    throw new LapyraError(
      'LAPYRA_PLUGIN_FILE_CHANGED',
      `${subject}: expected ${name} with sha256 ${stored.slice(0, 12)}…, as the run was begun with, got ${sha256.slice(0, 12)}….`,
      { hint: 'Put the file back, or train under another --name.' },
    );
  }
  return { file: { name, bytes }, sha256 };
}

/** The hashes of the files of a part: those under `<option>.`. */
export function hashesInside(hashes: FileHashes, option: string): FileHashes {
  const prefix = `${option}.`;
  return Object.fromEntries(
    Object.entries(hashes).flatMap(([name, sha256]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), sha256]] : [],
    ),
  );
}
