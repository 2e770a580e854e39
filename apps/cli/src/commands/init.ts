import { existsSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LapyraError } from '@lapyra/core';
import { EXIT } from '../exit-codes.js';
import { printJson } from '../terminal/print-json.js';
import { version } from '../version.js';

const TEMPLATES = new URL('../templates/', import.meta.url);

/** What every project needs beside its dataset. */
const PACKAGES = [
  'lapyra',
  '@lapyra/backend-onnxruntime',
  '@lapyra/level-adversarial',
  '@lapyra/transform-laplacian',
];

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
  await mkdir(target, { recursive: true });
  const written = [config];
  await copyFile(fileURLToPath(new URL(`${options.preset}.config.ts`, TEMPLATES)), config);
  const manifest = join(target, 'package.json');
  if (!existsSync(manifest)) {
    await writeFile(
      manifest,
      `${JSON.stringify(packageJson(basename(target), options.preset), null, 2)}\n`,
    );
    written.push(manifest);
  }
  const ignore = join(target, '.gitignore');
  if (!existsSync(ignore)) {
    await writeFile(ignore, 'node_modules/\nruns/\n');
    written.push(ignore);
  }
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

function packageJson(name: string, preset: string): object {
  const dataset =
    preset === 'image-folder' ? '@lapyra/dataset-image-folder' : '@lapyra/dataset-cifar10';
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
        [...PACKAGES, dataset].toSorted().map((dependency) => [dependency, `^${version}`]),
      ),
      'onnxruntime-node': '^1.30.0',
    },
    // Its install script only fetches CUDA libraries, from a host other than npm's: CPU and WebGPU are in the package.
    allowScripts: { 'onnxruntime-node': false },
  };
}
