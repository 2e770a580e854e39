// New plugins pass at once: they are made, type-checked and tested, outside of this repository and inside a copy of its
// frame.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../scripts/run.mjs';
import { createPlugin } from '../lib/create-plugin.mjs';
import { OPTIONS } from '../lib/readme.mjs';
import { TEMPLATES } from '../lib/templates.mjs';

/** Runs a program of this repository; what it printed is the message of a failure. */
function runs(program, args, cwd) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:VITEST|NX_|NODE_OPTIONS)/.test(name)),
  );
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'node_modules', program), ...args],
    {
      cwd,
      encoding: 'utf8',
      env: { ...env, NO_COLOR: '1' },
    },
  );
  expect(status, `${stdout}\n${stderr}`).toBe(0);
  return stdout;
}

/** By the rules of plugins here. The linter passes over what git ignores, so it is shown a copy. */
function lints(folder) {
  const copy = realpathSync(mkdtempSync(join(tmpdir(), 'linted-')));
  for (const file of ['.oxlintrc.json', '.oxlintrc.law.json', 'tsconfig.base.json'])
    cpSync(join(root, file), join(copy, file));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  cpSync(folder, join(copy, 'plugins/level-new'), { recursive: true });
  const said = runs('oxlint/bin/oxlint', ['-c', '.oxlintrc.json', 'plugins'], copy);
  expect(said).toMatch(/on [1-9]\d* files/);
  rmSync(copy, { recursive: true });
}

/** What was made outside of the repository, by kind, and the level made inside. */
const made = {};
let within;
let base;
// A root of its own, so that no other test meets the new plugin.
const repository = join(root, '.cache/created');
beforeAll(async () => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'created-')));
  // What `npm install` would bring, as it is here.
  symlinkSync(join(root, 'node_modules'), join(base, 'node_modules'));
  for (const kind of Object.keys(TEMPLATES))
    made[kind] = await createPlugin({ kind, name: `my-${kind}`, cwd: base });

  rmSync(repository, { recursive: true, force: true });
  mkdirSync(join(repository, 'plugins'), { recursive: true });
  writeFileSync(
    join(repository, 'package.json'),
    JSON.stringify({ name: '@lapyra/root', workspaces: ['packages/*', 'plugins/*'] }),
  );
  for (const file of ['tsconfig.base.json', 'vitest.base.ts', 'tsup.base.ts'])
    symlinkSync(join(root, file), join(repository, file));
  within = await createPlugin({
    kind: 'level',
    name: 'a-level-with-a-name-that-is-long',
    cwd: join(repository, 'plugins'),
  });
});
afterAll(() => {
  rmSync(base, { recursive: true });
  rmSync(repository, { recursive: true, force: true });
});

it('new plugins pass their tests, outside of the repository and inside', () => {
  const config = join(base, 'vitest.config.mjs');
  const url = (...path) => JSON.stringify(pathToFileURL(join(...path)).href);
  // Outside with the sources of this repository in the place of built packages; inside as its own config has it.
  const each = Object.values(made).map(
    ({ folder }) => `project(${url(folder, 'vitest.config.ts')})`,
  );
  each.push(JSON.stringify(join(within.folder, 'vitest.config.ts')));
  writeFileSync(
    config,
    `import { common, project } from ${url(root, 'vitest.base.ts')};\n` +
      `export default { test: { ...common, projects: [${each.join(', ')}] } };\n`,
  );
  const report = join(base, 'report.json');
  const how = ['--root', base, '--config', config, '--reporter', 'json', '--outputFile', report];
  runs('vitest/vitest.mjs', ['run', ...how], base);
  const { success, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  expect(success).toBe(true);
  for (const { folder } of [...Object.values(made), within]) {
    const own = testResults.filter(({ name }) => name.startsWith(`${folder}/`));
    const passed = own.flatMap(({ assertionResults }) =>
      assertionResults.filter(({ status }) => status === 'passed'),
    );
    expect(passed.length, folder).toBeGreaterThan(3);
  }
});

describe('outside of the repository', () => {
  it('new plugins type-check, their tests too', () => {
    const folders = Object.values(made).map(({ folder }) => folder);
    const configs = folders.map((folder) => readFileSync(join(folder, 'tsconfig.json'), 'utf8'));
    expect(new Set(configs).size).toBe(1);
    const { include, compilerOptions } = JSON.parse(configs[0]);
    const all = {
      include: folders.flatMap((folder) => include.map((part) => join(folder, part))),
      // The sources of this repository, which is not built.
      compilerOptions: { ...compilerOptions, customConditions: ['@lapyra/source'] },
    };
    writeFileSync(join(base, 'tsconfig.json'), JSON.stringify(all));
    const seen = runs('typescript/bin/tsc', ['-p', base, '--listFiles'], base);
    for (const folder of folders)
      for (const part of include) expect(seen).toContain(`${folder}/${part}/`);
  });

  it.each(Object.keys(TEMPLATES))(
    'the README of a new %s has its options and defaults',
    async (kind) => {
      const { folder } = made[kind];
      const module = await import(pathToFileURL(join(folder, 'src/index.ts')).href);
      const [plugin] = Object.values(module);
      const { value } = await plugin.plugin.options['~standard'].validate({});
      const listed = OPTIONS[TEMPLATES[kind].folder].map(([name, shown]) => [
        name,
        JSON.parse(shown),
      ]);
      expect(Object.fromEntries(listed)).toEqual(value);
      const text = readFileSync(join(folder, 'README.md'), 'utf8');
      for (const [name, shown] of OPTIONS[TEMPLATES[kind].folder])
        expect(text).toContain(`| \`${name}\` | \`${shown}\` |`);
    },
  );
});

describe('inside of the repository', () => {
  it('a new level is like the plugins here: type-checked, formatted, linted and built', () => {
    const { folder, packageName, next } = within;
    expect(packageName).toBe('@lapyra/level-a-level-with-a-name-that-is-long');
    expect(folder).toBe(join(repository, 'plugins/level-a-level-with-a-name-that-is-long'));
    expect(next).toContain('npm install');
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const model = JSON.parse(
      readFileSync(join(root, 'plugins/level-adversarial/package.json'), 'utf8'),
    );
    expect(Object.keys(manifest)).toEqual(Object.keys(model));
    for (const key of ['exports', 'files', 'license', 'nx', 'publishConfig', 'engines'])
      expect(manifest[key], key).toEqual(model[key]);
    const { version } = JSON.parse(
      readFileSync(join(root, 'packages/lapyra/package.json'), 'utf8'),
    );
    expect(manifest.version).toBe(version);

    runs('typescript/bin/tsc', ['-p', folder], folder);
    runs('prettier/bin/prettier.cjs', ['--check', '--ignore-path', '/dev/null', folder], folder);
    lints(folder);
    runs('tsup/dist/cli-default.js', [], folder);
    expect(readFileSync(join(folder, 'dist/index.js'), 'utf8')).toContain('LAPYRA_LEVEL_PLACE');
  });

  it('has READMEs with the headings of the plugins here', async () => {
    for (const [at, kind] of Object.keys(TEMPLATES).entries()) {
      const { folder } = await createPlugin({ kind, name: `other-${at}`, cwd: repository });
      const text = readFileSync(join(folder, 'README.md'), 'utf8');
      const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
      expect(headings).toEqual(['Requirements', 'Usage', 'Options', 'Shapes']);
    }
  });
});
