// An export is written into a draft beside its folder, and takes the folder's place when it is whole.
import { randomUUID } from 'node:crypto';
import { existsSync, realpathSync, rmSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LapyraError } from '@lapyra/core';
import type { ExportManifest } from '@lapyra/sampling';
import { writing } from './disk-fault.js';
import { clearLeftovers } from './leftovers.js';

const MANIFEST = 'manifest.json';

export interface ExportDraft {
  /** @throws {LapyraError} `LAPYRA_EXPORT_WRITE` */
  write(file: string, content: Uint8Array | string): Promise<void>;
  /**
   * Put the draft in the place of the folder. What was there is moved aside first and removed last: at any moment one of
   * the two is whole on disk.
   *
   * @throws {LapyraError} `LAPYRA_EXPORT_FOLDER`, `LAPYRA_EXPORT_WRITE`
   */
  commit(): Promise<void>;
  /** Remove the draft, if it was not committed; done by itself when the process exits. */
  discard(): Promise<void>;
}

/**
 * Begin an export into `out`.
 *
 * @throws {LapyraError} `LAPYRA_EXPORT_FOLDER` see {@link refuseOtherFolder}; `LAPYRA_EXPORT_WRITE`
 */
export async function createExportDraft(out: string): Promise<ExportDraft> {
  await refuseOtherFolder(out);
  const target = existsSync(out) ? realpathSync(out) : out; // a link stays a link
  const draft = `${target}.draft-${process.pid}-${randomUUID().slice(0, 8)}`;
  const saving = <T>(path: string, work: () => Promise<T>): Promise<T> =>
    writing('LAPYRA_EXPORT_WRITE', 'export', path, work);
  await saving(out, async () => {
    await mkdir(dirname(target), { recursive: true });
    await clearLeftovers(dirname(target), (name) => draftProcess(basename(target), name));
    await mkdir(draft); // not mkdtemp: its folders are closed to other users
  });
  const onExit = (): void => rmSync(draft, { recursive: true, force: true });
  process.on('exit', onExit);
  return {
    write: (file, content) => saving(join(out, file), () => writeFile(join(draft, file), content)),
    commit: async () => {
      await refuseOtherFolder(out); // again: making the files took a while
      await saving(out, () => replaceFolder(target, draft));
      process.off('exit', onExit);
    },
    discard: async () => {
      process.off('exit', onExit);
      await rm(draft, { recursive: true, force: true });
    },
  };
}

/**
 * Only a new folder, an empty one, or an earlier export with nothing added may be written to.
 *
 * @throws {LapyraError} `LAPYRA_EXPORT_FOLDER`
 */
export async function refuseOtherFolder(out: string): Promise<void> {
  if (!existsSync(out)) return;
  const refuse = (got: string): LapyraError =>
    new LapyraError(
      'LAPYRA_EXPORT_FOLDER',
      `export: expected an empty folder, a new one or an earlier export, got ${got}.`,
      { hint: 'Name another folder with --out.' },
    );
  if (!(await stat(out)).isDirectory()) throw refuse(`the file ${out}`);
  const names = await readdir(out);
  if (names.length === 0) return;
  const known = names.includes(MANIFEST)
    ? listedFiles(await readFile(join(out, MANIFEST), 'utf8'))
    : null;
  if (!known) throw refuse(out);
  const others = names.filter((name) => name !== MANIFEST && !known.includes(name));
  if (others.length > 0)
    throw refuse(`${out} with other files in it: ${others.slice(0, 5).join(', ')}`);
}

/** The files that an export's manifest lists; `null` if it is no such manifest. */
function listedFiles(text: string): readonly string[] | null {
  try {
    const { format, levels, fused } = JSON.parse(text) as Partial<ExportManifest>;
    if (format !== 'lapyra-export' || !Array.isArray(levels)) return null;
    return [...levels, ...(fused ? [fused] : [])].map(
      ({ file }: { readonly file: string }) => file,
    );
  } catch {
    return null;
  }
}

async function replaceFolder(target: string, draft: string): Promise<void> {
  if (!existsSync(target)) {
    await rename(draft, target);
    return;
  }
  const aside = `${target}.old-${randomUUID().slice(0, 8)}`;
  await rename(target, aside);
  try {
    await rename(draft, target);
  } catch (error) {
    await rename(aside, target);
    throw error;
  }
  await rm(aside, { recursive: true, force: true });
}

function draftProcess(target: string, name: string): number | null {
  if (!name.startsWith(`${target}.draft-`)) return null;
  const [, pid] = /^(\d+)-[\da-f]{8}$/.exec(name.slice(`${target}.draft-`.length)) ?? [];
  return pid === undefined ? null : Number(pid);
}
