import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
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
