import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createExportDraft } from './export-draft.js';

let folder: string;
let out: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lapyra-export-'));
  out = join(folder, 'shipped');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const manifest = (...files: readonly string[]): string =>
  JSON.stringify({ format: 'lapyra-export', levels: files.map((file) => ({ file })), fused: null });

async function exportOnce(file: string, content: string): Promise<void> {
  const draft = await createExportDraft(out);
  try {
    await draft.write(file, content);
    await draft.write('manifest.json', manifest(file));
    await draft.commit();
  } finally {
    await draft.discard();
  }
}

describe('createExportDraft', () => {
  it('makes a folder as open to others as any, and replaces an earlier export', async () => {
    await exportOnce('level-8.onnx', 'one');
    const plain = join(folder, 'plain');
    await mkdir(plain);
    expect((await stat(out)).mode).toBe((await stat(plain)).mode);
    await exportOnce('level-14.onnx', 'two');
    expect((await readdir(out)).toSorted()).toEqual(['level-14.onnx', 'manifest.json']);
    expect(await readFile(join(out, 'level-14.onnx'), 'utf8')).toBe('two');
    expect((await readdir(folder)).toSorted()).toEqual(['plain', 'shipped']);
  });

  it('writes into an empty folder, and through a link', async () => {
    const real = join(folder, 'real');
    await mkdir(real);
    await symlink(real, out);
    await exportOnce('level-8.onnx', 'one');
    expect((await readdir(real)).toSorted()).toEqual(['level-8.onnx', 'manifest.json']);
    expect((await readdir(folder)).toSorted()).toEqual(['real', 'shipped']);
  });

  it.each([
    [
      'an earlier export with a file of the user',
      manifest('level-8.onnx'),
      'with other files in it: notes.txt',
    ],
    ['a manifest that only mentions the format', '{"about": "\\"lapyra-export\\""}', 'got '],
    ['a manifest that is no JSON', 'lapyra-export"lapyra-export"', 'got '],
  ])('refuses %s, and leaves it as it is', async (_, text, why) => {
    await mkdir(out);
    await writeFile(join(out, 'manifest.json'), text);
    await writeFile(join(out, 'level-8.onnx'), 'old');
    await writeFile(join(out, 'notes.txt'), 'mine');
    await expect(createExportDraft(out)).rejects.toMatchObject({
      code: 'LAPYRA_EXPORT_FOLDER',
      message: expect.stringContaining(why) as string,
    });
    expect((await readdir(out)).toSorted()).toEqual(['level-8.onnx', 'manifest.json', 'notes.txt']);
    expect(await readdir(folder)).toEqual(['shipped']);
  });

  it('refuses what was added while the export was made', async () => {
    await exportOnce('level-8.onnx', 'one');
    const draft = await createExportDraft(out);
    await writeFile(join(out, 'notes.txt'), 'mine');
    await expect(draft.commit()).rejects.toMatchObject({ code: 'LAPYRA_EXPORT_FOLDER' });
    await draft.discard();
    expect(await readFile(join(out, 'level-8.onnx'), 'utf8')).toBe('one');
    expect(await readdir(folder)).toEqual(['shipped']);
  });

  it('refuses a file, and says so where a folder cannot be made', async () => {
    await writeFile(out, '');
    await expect(createExportDraft(out)).rejects.toMatchObject({ code: 'LAPYRA_EXPORT_FOLDER' });
    await expect(createExportDraft(join(out, 'inside'))).rejects.toMatchObject({
      code: 'LAPYRA_EXPORT_WRITE',
      hint: 'A file stands where a folder should be: move it, or name another folder.',
    });
  });

  it('clears the drafts of processes that were killed long ago', async () => {
    const { pid } = spawnSync('true');
    const old = `${out}.draft-${pid}-0123abcd`;
    const living = `${out}.draft-${process.pid}-0123abcd`;
    const recent = `${out}.draft-${pid}-0123abce`;
    const other = `${out}.draft-of-mine`;
    for (const path of [old, living, recent, other]) await mkdir(path);
    const lastWeek = new Date(Date.now() - 7 * 24 * 60 * 60 * 1000);
    for (const path of [old, living, other]) await utimes(path, lastWeek, lastWeek);
    await exportOnce('level-8.onnx', 'one');
    expect([old, living, recent, other].map((path) => existsSync(path))).toEqual([
      ...[false, true, true, true],
    ]);
  });
});
