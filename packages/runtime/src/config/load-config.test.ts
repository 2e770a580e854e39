import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LapyraError } from '@lapyra/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from './load-config.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lapyra-config-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);

describe('loadConfig', () => {
  it('reads TypeScript with its own modules, and leaves nothing behind', async () => {
    await write('sizes.ts', 'export const sizes: readonly number[] = [8, 14];');
    await write(
      'lapyra.config.ts',
      "import { sizes } from './sizes.js';\nexport default { levels: sizes.map((size) => ({ size })) };",
    );
    expect(await loadConfig(folder)).toEqual({
      file: join(folder, 'lapyra.config.ts'),
      value: { levels: [{ size: 8 }, { size: 14 }] },
    });
    expect((await readdir(folder)).toSorted()).toEqual(['lapyra.config.ts', 'sizes.ts']);
  });

  it('reads JSON, and a file by its name', async () => {
    await write('lapyra.config.json', '{ "seed": 1 }');
    await write('other.mjs', 'export default async () => ({ seed: 2 });');
    expect((await loadConfig(folder)).value).toEqual({ seed: 1 });
    expect((await loadConfig(folder, 'other.mjs')).value).toEqual({ seed: 2 });
  });

  it('clears what killed processes left long ago, and nothing else', async () => {
    await write('lapyra.config.mjs', 'export default { seed: 1 };');
    const { pid } = spawnSync(process.execPath, ['--version']);
    const old = `.lapyra.config.mjs.${pid}.1700000000000.mjs`;
    const kept = [
      `.lapyra.config.mjs.${process.pid}.1700000000000.mjs`,
      `.lapyra.config.mjs.${pid}.mine.mjs`,
      `.other.config.mjs.${pid}.1700000000000.mjs`,
    ];
    const lastWeek = new Date(Date.now() - 7 * 24 * 60 * 60 * 1000);
    for (const name of [old, ...kept]) {
      await write(name, '');
      await utimes(join(folder, name), lastWeek, lastWeek);
    }
    const recent = `.lapyra.config.mjs.${pid}.1700000000001.mjs`;
    await write(recent, '');
    await loadConfig(folder);
    expect((await readdir(folder)).toSorted()).toEqual(
      ['lapyra.config.mjs', recent, ...kept].toSorted(),
    );
  });

  it('leaves nothing behind where the process exits amid a config', async () => {
    const leaving: string[] = [];
    await write('lapyra.config.mjs', 'process.emit("leaving"); export default {};');
    const onLeaving = (): void => {
      const before = readdirSync(folder).filter((name) => name.startsWith('.'));
      for (const listener of process.listeners('exit').slice(-1)) listener.call(process, 0);
      leaving.push(...before);
      expect(readdirSync(folder)).toEqual(['lapyra.config.mjs']);
    };
    process.on('leaving', onLeaving);
    const listeners = process.listenerCount('exit');
    await loadConfig(folder);
    process.off('leaving', onLeaving);
    expect(leaving).toHaveLength(1);
    expect(process.listenerCount('exit')).toBe(listeners);
  });

  it('says what is missing', async () => {
    await expect(loadConfig(folder)).rejects.toMatchObject({
      code: 'LAPYRA_CONFIG_NOT_FOUND',
      message: `config: expected lapyra.config.ts in ${folder}, got no config file.`,
      hint: 'Make one with: lapyra init, or name one with --config FILE',
    });
    await expect(loadConfig(folder, 'my.ts')).rejects.toMatchObject({
      code: 'LAPYRA_CONFIG_NOT_FOUND',
      message: `config: expected a file at ${join(folder, 'my.ts')}, got none.`,
    });
    await write('lapyra.config.js', 'export const config = {};');
    await expect(loadConfig(folder)).rejects.toMatchObject({
      code: 'LAPYRA_CONFIG_LOAD',
      message: 'lapyra.config.js: expected a default export, got none.',
    });
  });

  it.each([
    [
      'lapyra.config.ts',
      'export default {',
      ':1:16: ERROR: Expected identifier but found end of file',
    ],
    ['lapyra.config.mjs', "throw new Error('no luck');", 'no luck'],
    ['lapyra.config.json', '{ "seed": }', 'JSON'],
  ])('says why %s cannot be read: %s', async (name, text, why) => {
    await write(name, text);
    const error: unknown = await loadConfig(folder).catch((reason: unknown) => reason);
    expect(LapyraError.is(error, 'LAPYRA_CONFIG_LOAD')).toBe(true);
    expect((error as LapyraError).message).toContain(`${name}: could not be read: `);
    expect((error as LapyraError).message).toContain(why);
    expect(await readdir(folder)).toEqual([name]);
  });
});
