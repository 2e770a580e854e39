import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONTRACT, type Json, LapyraError } from '@lapyra/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProject, type Project } from '../project.js';
import { checkPlugin, createPlugin } from './create-plugin.js';
import { listPluginPackages } from './plugin-package.js';

let folder = '';
let project: Project;

/** A real package on disk, whose plugins are written by hand: a function with a `plugin`. */
function install(
  name: string,
  lapyra: object | undefined,
  module: string,
  version = '1.2.0',
  dependencies: Readonly<Record<string, string>> = {},
): void {
  const at = join(folder, 'node_modules', name);
  mkdirSync(at, { recursive: true });
  const manifest = {
    name,
    version,
    type: 'module',
    exports: { '.': { import: './main.js' } },
    lapyra,
    dependencies,
  };
  writeFileSync(join(at, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(at, 'main.js'), module);
}

const dataset = (body: string, contract = CONTRACT): string => `
  const options = { entries: { width: {} }, '~standard': { version: 1, vendor: 'test', validate: (value) =>
    typeof (value.width ?? 1) === 'number' && Object.keys(value).every((key) => key === 'width')
      ? { value: { width: value.width ?? 1 } }
      : { issues: [{ message: 'expected a number', path: ['width'] }] } } };
  export const images = Object.assign(() => ({}), { plugin: {
    kind: 'dataset', use: 'x#images', contract: ${contract}, options, create: (options) => { ${body} } } });`;

const OUTER = `
  const inner = { use: 'lapyra-inner#images', options: { width: 3 } };
  const options = { '~standard': { version: 1, vendor: 'test',
    validate: (value) => ({ value: { images: inner, ...value } }) } };
  const plugin = { kind: 'dataset', use: 'lapyra-outer#images', contract: ${CONTRACT}, options, parts: { images: 'dataset' },
    create: (options, told, made) => ({ name: 'outer of ' + (made.images?.name ?? 'nothing') }) };
  export const images = Object.assign(() => ({}), { plugin });`;

/** Its name is what stands in the file that its option names. */
const READER = `
  const options = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } };
  const plugin = { kind: 'dataset', use: 'lapyra-reader#images', contract: ${CONTRACT}, options, parts: { file: 'file' },
    create: (options, told, made) => ({ name: made.file ? made.file.name + ': ' + Buffer.from(made.file.bytes) : 'no file' }) };
  export const images = Object.assign(() => ({}), { plugin });`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lapyra-plugins-'));
  const names = [
    'good',
    'broken',
    'throwing',
    'old',
    'lying',
    'plain',
    'strict',
    'absent',
    'outer',
    'reader',
  ];
  const dependencies = Object.fromEntries(names.map((name) => [`lapyra-${name}`, '1']));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'project', dependencies }));
  const plugins = { images: 'dataset' };
  const lapyra = { contract: CONTRACT, plugins };
  install('lapyra-good', lapyra, dataset('return { name: `width ${options.width}` };'));
  install('lapyra-broken', lapyra, 'this is no JavaScript');
  install('lapyra-throwing', lapyra, dataset('throw new Error("no such folder");'));
  install('lapyra-old', { contract: 99, plugins }, dataset('return {};'));
  install('lapyra-lying', lapyra, dataset('return {};', 98));
  // Its option `images` is a data set of its own; what it takes without one is a dependency of this package alone.
  install('lapyra-outer', lapyra, OUTER, '1.0.0', { 'lapyra-inner': '1' });
  install('lapyra-inner', lapyra, dataset('return { name: `inner ${options.width}` };'));
  install('lapyra-reader', lapyra, READER);
  mkdirSync(join(folder, 'given'));
  writeFileSync(join(folder, 'given', 'text'), 'some words');
  install('lapyra-plain', undefined, 'export const images = 1;');
  // An issue as valibot reports an unknown key.
  const strict = dataset('return {};').replace(
    "{ message: 'expected a number', path: ['width'] }",
    "{ type: 'strict_object', expected: 'never', message: 'unknown', path: Object.keys(value) }",
  );
  install('lapyra-strict', lapyra, strict);
  project = findProject(folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function refusal(use: string, options: object = {}, version?: string): Promise<LapyraError> {
  const chosen = {
    use,
    options: options as { [key: string]: string },
    ...(version ? { version } : {}),
  };
  const error: unknown = await createPlugin(project, 'dataset', chosen, undefined).then(
    () => new Error('accepted'),
    (reason: unknown) => reason,
  );
  if (!LapyraError.is(error)) throw error;
  return error;
}

describe('createPlugin', () => {
  it('imports a package of the project, fills in defaults and creates', async () => {
    const made = await createPlugin(
      project,
      'dataset',
      { use: 'lapyra-good#images', options: {} },
      undefined,
    );
    expect(made.name).toBe('width 1');
    const options = { width: 7 };
    const other = await createPlugin(
      project,
      'dataset',
      { use: 'lapyra-good#images', options },
      undefined,
    );
    expect(other.name).toBe('width 7');
  });

  it.each([
    './local.js#x',
    '/etc/x.js#x',
    'https://example.org/x.js#x',
    'node:fs#readFile',
    'fs',
    '../up#x',
  ])('refuses %s, which is no package and export', async (use) => {
    const { code, message } = await refusal(use);
    expect(code).toBe('LAPYRA_PLUGIN_REFERENCE');
    expect(message).toBe(`use: expected 'package-name#export', got '${use}'.`);
  });

  it('refuses a built-in module by a bare name, as it is no dependency', async () => {
    const { code } = await refusal('fs#readFile');
    expect(code).toBe('LAPYRA_PLUGIN_NOT_DEPENDENCY');
  });

  it('names a package that the project does not depend on, and the nearest', async () => {
    const { message, hint } = await refusal('lapyra-goood#images');
    expect(message).toContain(
      `plugin lapyra-goood: expected a dependency of the project in ${folder}`,
    );
    expect(message).toContain('did you mean lapyra-good?');
    expect(hint).toBe('Install it with: npm install lapyra-goood');
  });

  it('names a package that is not installed', async () => {
    const { code, hint } = await refusal('lapyra-absent#images');
    expect(code).toBe('LAPYRA_PLUGIN_NOT_INSTALLED');
    expect(hint).toBe('Install the project with: npm install');
  });

  it('refuses another contract version before it looks at the options', async () => {
    const { message, hint } = await refusal('lapyra-old#images', { wrong: 1 });
    expect(message).toBe(
      `plugin lapyra-old#images: expected contract version ${CONTRACT}, got 99 (lapyra-old@1.2.0).`,
    );
    expect(hint).toBe('Update lapyra with: npm install lapyra@latest');
    expect((await refusal('lapyra-lying#images')).code).toBe('LAPYRA_PLUGIN_CONTRACT');
  });

  it('carries the name of a plugin that throws in its set-up or cannot be loaded', async () => {
    const thrown = await refusal('lapyra-throwing#images');
    expect(thrown.message).toBe(
      'plugin lapyra-throwing#images: could not be set up: no such folder',
    );
    expect(thrown.cause).toBeInstanceOf(Error);
    const broken = await refusal('lapyra-broken#images');
    expect(broken.message).toContain('plugin lapyra-broken#images: could not be loaded:');
  });

  it('names wrong options and the nearest known one', async () => {
    const { message, hint } = await refusal('lapyra-good#images', { wdth: 'x' });
    expect(message).toBe(
      'plugin lapyra-good#images: options are wrong\n  width: expected a number',
    );
    expect(hint).toBe("Did you mean 'width'?");
  });

  it('suggests a known option once: not again in the hint if the message has it', async () => {
    const { message, hint } = await refusal('lapyra-strict#images', { wdth: 1 });
    expect(message).toContain("  wdth: unknown key; did you mean 'width'?");
    expect(hint).toBe('It knows the options width.');
  });

  it('refuses an export that is not there, and a package that has no plugins', async () => {
    const { message, hint } = await refusal('lapyra-good#image');
    expect(message).toContain("expected a dataset, got no plugin 'image' in lapyra-good@1.2.0");
    expect(hint).toBe('Did you mean lapyra-good#images?');
    expect((await refusal('lapyra-plain#images')).code).toBe('LAPYRA_PLUGIN_NOT_PLUGIN');
  });

  it('refuses another major version than the one stored with a run, unless any is accepted', async () => {
    const { message } = await refusal('lapyra-good#images', {}, '2.0.0');
    expect(message).toBe(
      'plugin lapyra-good#images: expected version 2.0.0, with which this run was made, got 1.2.0.',
    );
    const chosen = { use: 'lapyra-good#images', options: {}, version: '2.0.0' };
    const made = await createPlugin(project, 'dataset', chosen, undefined, { anyVersion: true });
    expect(made.name).toBe('width 1');
    const close = { ...chosen, version: '1.9.3' };
    expect((await createPlugin(project, 'dataset', close, undefined)).name).toBe('width 1');
  });
});

describe('createPlugin with an option that is a plugin', () => {
  const outer = async (options: { [key: string]: Json }): Promise<string> =>
    (await createPlugin(project, 'dataset', { use: 'lapyra-outer#images', options }, undefined))
      .name;

  it('makes it first: the default from the dependencies of the plugin, others from the project', async () => {
    expect(await outer({})).toBe('outer of inner 3');
    expect(await outer({ images: { use: 'lapyra-good#images', options: { width: 5 } } })).toBe(
      'outer of width 5',
    );
    expect(await outer({ images: null })).toBe('outer of nothing');
  });

  it('refuses one that is wrong in itself, by its own name', async () => {
    const images = (use: string, options = {}): object => ({ images: { use, options } });
    const unknown = await refusal('lapyra-outer#images', images('lapyra-lost#images'));
    expect(unknown.message).toContain('plugin lapyra-lost: expected a dependency of the project');
    const wrong = await refusal('lapyra-outer#images', images('lapyra-good#images', { wdth: 1 }));
    expect(wrong.message).toContain('plugin lapyra-good#images: options are wrong');
    const direct = await refusal('lapyra-inner#images');
    expect(direct.code).toBe('LAPYRA_PLUGIN_NOT_DEPENDENCY');
  });
});

describe('createPlugin with an option that is a file', () => {
  const use = 'lapyra-reader#images';
  /** Of the text, by sha256sum. */
  const sha256 = '050777a35dcd48838062824126e60a0780dc322c5b1f84c3a32636cc7466b1b6';

  it('reads it from the folder of the project', async () => {
    const made = await createPlugin(
      project,
      'dataset',
      { use, options: { file: 'given/text' } },
      undefined,
    );
    expect(made.name).toBe('given/text: some words');
    const without = await createPlugin(project, 'dataset', { use, options: {} }, undefined);
    expect(without.name).toBe('no file');
  });

  it('also for a plugin inside of another, and gives the hashes of all files', async () => {
    const inner = { use, options: { file: 'given/text' } };
    const chosen = { use: 'lapyra-outer#images', options: { images: inner } };
    const made = await createPlugin(project, 'dataset', chosen, undefined);
    expect(made.name).toBe('outer of given/text: some words');
    expect((await checkPlugin(project, 'dataset', inner)).hashes).toEqual({ file: sha256 });
    const { hashes } = await checkPlugin(project, 'dataset', chosen);
    expect(hashes).toEqual({ 'images.file': sha256 });
  });

  it('refuses one that is not there, and a folder', async () => {
    expect(await refusal(use, { file: 'given/txt' })).toMatchObject({
      code: 'LAPYRA_PLUGIN_FILE',
      message: `plugin ${use}, file: expected a file at ${join(folder, 'given/txt')}, got none.`,
      hint: `Paths of files begin in the project's folder, ${folder}.`,
    });
    const { message } = await refusal(use, { file: 'given' });
    expect(message).toContain(`${join(folder, 'given')}, got a folder.`);
  });

  it('refuses another file than the one that a run was begun with', async () => {
    const inner = { use, options: { file: 'given/text' } };
    const good = { ...inner, files: { file: sha256 } };
    const made = await createPlugin(project, 'dataset', good, undefined);
    expect(made.name).toBe('given/text: some words');
    const other = 'a'.repeat(64);
    const changed = { ...inner, files: { file: other } };
    await expect(createPlugin(project, 'dataset', changed, undefined)).rejects.toMatchObject({
      code: 'LAPYRA_PLUGIN_FILE_CHANGED',
      message: `plugin ${use}, file: expected given/text with sha256 aaaaaaaaaaaa…, as the run was begun with, got ${sha256.slice(0, 12)}….`,
      hint: 'Put the file back, or train under another --name.',
    });
    const outer = { use: 'lapyra-outer#images', options: { images: inner } };
    const inside = { ...outer, files: { 'images.file': other } };
    await expect(createPlugin(project, 'dataset', inside, undefined)).rejects.toMatchObject({
      code: 'LAPYRA_PLUGIN_FILE_CHANGED',
    });
  });
});

describe('listPluginPackages', () => {
  it('lists what is installed and says what it is, without importing it', () => {
    const found = listPluginPackages(project).map(({ name, plugins }) => [name, plugins]);
    expect(found).toContainEqual(['lapyra-broken', { images: 'dataset' }]);
    expect(found.map(([name]) => name)).not.toContain('lapyra-plain');
    expect(found.map(([name]) => name)).not.toContain('lapyra-absent');
  });
});
