import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CONTRACT } from '@lapyra/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../scripts/run.mjs';
import { main } from '../lib/main.mjs';
import { TEMPLATES } from '../lib/templates.mjs';
import { VERSIONS } from '../lib/versions.mjs';

let cwd;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'create-plugin-'));
});
afterAll(() => rmSync(cwd, { recursive: true }));

async function run(...args) {
  const said = { out: [], err: [] };
  const code = await main(args, {
    cwd,
    out: (line) => said.out.push(line),
    err: (line) => said.err.push(line),
  });
  return { code, out: said.out.join('\n'), err: said.err.join('\n') };
}

describe('create-lapyra-plugin', () => {
  it('says what can be made', async () => {
    const { code, out } = await run('--help');
    expect(code).toBe(0);
    for (const kind of Object.keys(TEMPLATES)) expect(out).toContain(`\n  ${kind} `);
  });

  it.each([
    [[], 'expected a kind and a name, got nothing'],
    [['level'], 'expected a kind and a name, got level'],
    [['level', 'a', 'b'], 'expected a kind and a name, got level a b'],
    [['level', 'a', '--fold', 'x'], '--fold'],
  ])('does not understand %j', async (args, said) => {
    const { code, err } = await run(...args);
    expect(code).toBe(2);
    expect(err).toContain(said);
    expect(err).toContain('kinds:');
  });

  it('refuses kinds that there are not, and names that are none, and writes nothing', async () => {
    expect(await run('levels', 'thing')).toMatchObject({
      code: 1,
      err: `kind: expected ${Object.keys(TEMPLATES).join(', ')}, got 'levels'.`,
    });
    expect(await run('toString', 'thing')).toMatchObject({ code: 1 });
    const { code, err } = await run('level', 'My Thing');
    expect(code).toBe(1);
    expect(err).toMatch(/^name: expected lower-case letters, .*, got 'My Thing'\.$/);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('refuses a folder with something in it, and leaves it as it is', async () => {
    mkdirSync(join(cwd, 'taken'));
    writeFileSync(join(cwd, 'taken/notes.txt'), 'mine');
    const { code, err } = await run('level', 'thing', '--folder', 'taken');
    expect({ code, err }).toEqual({
      code: 1,
      err: `folder: expected one that is not there or empty, got ${join(cwd, 'taken')}.`,
    });
    expect(readdirSync(join(cwd, 'taken'))).toEqual(['notes.txt']);
  });

  it('writes into an empty folder, and says what comes next', async () => {
    mkdirSync(join(cwd, 'empty'));
    const { code, out } = await run('encoder', '@me/thing', '--folder', 'empty');
    expect(code).toBe(0);
    expect(out).toMatch(/^@me\/encoder-thing: wrote \d+ files to empty\n\nnext:\n {2}cd empty\n/);
    expect(existsSync(join(cwd, 'empty/src/thing.ts'))).toBe(true);
  });

  it('is a program', () => {
    const file = fileURLToPath(new URL('../bin/create-lapyra-plugin.mjs', import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [file, 'level'], { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toContain('expected a kind and a name, got level');
  });
});

describe('VERSIONS', () => {
  it('are those of this repository', () => {
    const files = ['package.json', ...workspaces()];
    const found = new Map([['lapyra', new Set([VERSIONS.lapyra])]]);
    for (const file of files) {
      const { dependencies, devDependencies, name, version } = JSON.parse(
        readFileSync(join(root, file), 'utf8'),
      );
      if (name === 'lapyra') found.get('lapyra').add(version);
      for (const [key, range] of Object.entries({ ...dependencies, ...devDependencies }))
        found.set(key, new Set([...(found.get(key) ?? []), range]));
    }
    const { contract, ...versions } = VERSIONS;
    for (const [name, version] of Object.entries(versions))
      expect([...found.get(name)], name).toEqual([version]);
    expect(contract).toBe(CONTRACT);
  });

  it('of this program is that of the others', () => {
    const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    expect(manifest).toMatchObject({
      version: VERSIONS.lapyra,
      license: 'MIT',
      engines: { node: '>=20.19.0' },
      publishConfig: { access: 'public' },
    });
    expect(manifest.dependencies).toBeUndefined();
  });
});

function workspaces() {
  return ['packages', 'plugins', 'apps'].flatMap((group) =>
    readdirSync(join(root, group)).map((folder) => `${group}/${folder}/package.json`),
  );
}
