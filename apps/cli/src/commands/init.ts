import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { LapyraError } from '@lapyra/core';
import { writing } from '@lapyra/runtime';
import { EXIT } from '../exit-codes.js';
import { printJson } from '../terminal/print-json.js';
import { version } from '../version.js';

const TEMPLATES = new URL('../templates/', import.meta.url);

/** What every project needs beside what its config imports. */
const PACKAGES = ['lapyra', '@lapyra/backend-onnxruntime'];

interface InitOptions {
  readonly preset: string;
  readonly json?: boolean;
}

/** `lapyra init`: a package.json and a config in a folder; nothing that is there is overwritten. */
export async function init(folder: string, options: InitOptions): Promise<number> {
  const target = resolve(folder);
  const config = join(target, 'lapyra.config.ts');
  if (existsSync(config)) {
    throw new LapyraError(
      'LAPYRA_INIT_EXISTS',
      `init: expected a folder without a config, got ${config}.`,
      {
        hint: 'Change that config, or name another folder: lapyra init FOLDER',
      },
    );
  }
  const written = await writing('LAPYRA_INIT_WRITE', 'init', target, () =>
    writeProject(target, config, options.preset),
  );
  if (options.json) {
    printJson({ folder: target, preset: options.preset, written });
  } else {
    const here = relative(process.cwd(), target);
    process.stdout.write(
      `${written.map((file) => `wrote ${relative(process.cwd(), file)}`).join('\n')}\n\nnext:\n`,
    );
    process.stdout.write(
      `${here ? `  cd ${here}\n` : ''}  npm install\n  npx lapyra plan\n  npx lapyra train\n`,
    );
  }
  return EXIT.ok;
}

/** @returns the files that were written; if one cannot be, none stays */
async function writeProject(target: string, config: string, preset: string): Promise<string[]> {
  const template = await readFile(new URL(`${preset}.config.ts`, TEMPLATES), 'utf8');
  const files: readonly (readonly [file: string, content: string])[] = [
    [config, template],
    [
      join(target, 'package.json'),
      `${JSON.stringify(packageJson(basename(target), template), null, 2)}\n`,
    ],
    [join(target, '.gitignore'), 'node_modules/\nruns/\n'],
  ];
  await mkdir(target, { recursive: true });
  const written: string[] = [];
  try {
    for (const [file, content] of files) {
      if (existsSync(file)) continue;
      await (await open(file, 'wx')).close(); // from here on the file is ours, also half written
      written.push(file);
      await writeFile(file, content);
    }
    return written;
  } catch (error) {
    for (const file of written) await rm(file, { force: true });
    throw error;
  }
}

function packageJson(name: string, template: string): object {
  const imported = [...template.matchAll(/ from '(@lapyra\/[^/']+)';$/gm)].map(
    ([, found]) => found!,
  );
  return {
    name:
      name
        .toLowerCase()
        .replaceAll(/[^a-z\d._-]+/g, '-')
        .replace(/^[._-]+/, '') || 'pyramid',
    private: true,
    type: 'module',
    scripts: { train: 'lapyra train', sample: 'lapyra sample' },
    dependencies: {
      ...Object.fromEntries(
        [...PACKAGES, ...imported].toSorted().map((dependency) => [dependency, `^${version}`]),
      ),
      'onnxruntime-node': '^1.30.0',
    },
    // Its install script only fetches CUDA libraries, from a host other than npm's: CPU and WebGPU are in the package.
    allowScripts: { 'onnxruntime-node': false },
  };
}
