// Proves that lint names every forbidden import: one scratch file an import, in a copy of the folder tree.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lawConfig } from './make-law.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (file) => readFileSync(join(root, file), 'utf8');

const ONNX = '@lapyra/tfjs-onnx';
const GRADIENTS = '@lapyra/tfjs-onnx/gradients';
const TFJS = '@tensorflow/tfjs-core';
const LEVEL = '@lapyra/level-adversarial';
const ABOVE = ['@lapyra/runtime', '@lapyra/training', '@lapyra/sampling', '@lapyra/cli', 'lapyra'];
const RUNTIME_ONLY = ['inversify', 'reflect-metadata'];
const ENGINES = ['onnxruntime-node', 'onnxruntime-web', '@tensorflow/tfjs-backend-cpu'];
const PORTABLE = ['node:fs', 'fs', 'node:path', 'valibot', 'sharp', ...ENGINES, ...RUNTIME_ONLY];

// [folder, what its sources may not import, what they may]; written apart from law.mjs, after the table in CONTRIBUTING.md.
const SOURCES = [
  [
    'packages/core',
    [
      ...PORTABLE,
      '@lapyra/nn',
      '@lapyra/testing',
      ONNX,
      GRADIENTS,
      LEVEL,
      '@lapyra/images',
      ...ABOVE,
    ],
    [],
  ],
  [
    'packages/nn',
    [...PORTABLE, ONNX, LEVEL, '@lapyra/images', '@lapyra/testing', '@tensorflow/tfjs', ...ABOVE],
    ['@lapyra/core', TFJS, GRADIENTS],
  ],
  [
    'packages/gan',
    [
      ONNX,
      GRADIENTS,
      LEVEL,
      '@lapyra/images',
      '@lapyra/testing',
      ...ENGINES,
      ...RUNTIME_ONLY,
    ].concat(ABOVE),
    ['@lapyra/core', '@lapyra/nn', TFJS, 'valibot'],
  ],
  [
    'packages/tfjs-onnx',
    [...PORTABLE, '@lapyra/core', '@lapyra/nn', '@lapyra/testing', LEVEL, ...ABOVE],
    [TFJS, 'onnxruntime-common'],
  ],
  [
    'packages/images',
    ['@lapyra/nn', ONNX, TFJS, '@lapyra/testing', LEVEL, ...ENGINES, ...RUNTIME_ONLY, ...ABOVE],
    ['@lapyra/core', 'sharp', 'node:fs'],
  ],
  [
    'packages/datasets',
    [
      '@lapyra/nn',
      '@lapyra/images',
      ONNX,
      TFJS,
      '@lapyra/testing',
      LEVEL,
      'sharp',
      ...ENGINES,
    ].concat(RUNTIME_ONLY, ABOVE),
    ['@lapyra/core', 'tar', 'node:fs'],
  ],
  [
    'packages/training',
    ['@lapyra/nn', '@lapyra/images', ONNX, GRADIENTS, TFJS, LEVEL, 'sharp', '@lapyra/testing']
      .concat(ENGINES, RUNTIME_ONLY)
      .concat(ABOVE.filter((name) => name !== '@lapyra/training')),
    ['@lapyra/core', 'node:fs', 'ml-matrix'],
  ],
  [
    'packages/sampling',
    [...PORTABLE, '@lapyra/nn', '@lapyra/images', ONNX, TFJS, LEVEL, '@lapyra/testing'].concat(
      ABOVE.filter((name) => name !== '@lapyra/sampling'),
    ),
    ['@lapyra/core'],
  ],
  [
    'packages/runtime',
    [
      'lapyra',
      '@lapyra/cli',
      '@lapyra/testing',
      LEVEL,
      '@lapyra/backend-tfjs',
      ONNX,
      TFJS,
      'sharp',
    ].concat(ENGINES),
    ['@lapyra/core', '@lapyra/nn', '@lapyra/training', '@lapyra/sampling', '@lapyra/images'].concat(
      'inversify',
      'node:fs',
    ),
  ],
  [
    'packages/testing',
    ['@lapyra/nn', '@lapyra/images', ONNX, LEVEL, 'sharp', ...RUNTIME_ONLY, ...ABOVE],
    ['@lapyra/core', TFJS, 'vitest'],
  ],
  [
    'packages/lapyra',
    ['@lapyra/training', '@lapyra/sampling', '@lapyra/nn', '@lapyra/images', LEVEL, 'sharp'].concat(
      '@lapyra/testing',
      ONNX,
      TFJS,
      ENGINES,
      RUNTIME_ONLY,
    ),
    ['@lapyra/core', '@lapyra/runtime', '@lapyra/cli', '@lapyra/cli/bin'],
  ],
  [
    'apps/cli',
    [
      'lapyra',
      '@lapyra/nn',
      LEVEL,
      ONNX,
      TFJS,
      'sharp',
      '@lapyra/testing',
      '@lapyra/backend-tfjs',
    ].concat(ENGINES, RUNTIME_ONLY),
    [
      '@lapyra/core',
      '@lapyra/training',
      '@lapyra/sampling',
      '@lapyra/runtime',
      '@lapyra/images',
    ].concat('commander', 'node:fs'),
  ],
  ...[
    'level-adversarial',
    'dataset-cifar10',
    'transform-haar',
    'backend-tfjs',
    'backend-onnxruntime',
    'features-cifar10',
    'level-yours',
  ].map((plugin) => [
    `plugins/${plugin}`,
    ['@lapyra/testing', 'sharp', '@lapyra/transform-laplacian', ...RUNTIME_ONLY, ...ABOVE]
      .concat(plugin === 'backend-onnxruntime' ? [] : [ONNX, 'onnxruntime-node'])
      .concat(plugin.startsWith('backend-') ? [] : [GRADIENTS])
      .concat(
        plugin === 'backend-tfjs' ? [] : ['@tensorflow/tfjs-backend-cpu', '@tensorflow/tfjs-node'],
      ),
    ['@lapyra/core', '@lapyra/nn', '@lapyra/gan', '@lapyra/datasets', '@lapyra/images', TFJS]
      .concat('valibot')
      .concat(
        plugin === 'backend-onnxruntime'
          ? [ONNX, GRADIENTS, 'onnxruntime-node', 'onnxruntime-web']
          : [],
      )
      .concat(plugin === 'backend-tfjs' ? [GRADIENTS, '@tensorflow/tfjs-backend-cpu'] : []),
  ]),
];

const TESTS = [
  [
    'packages/core',
    ['@lapyra/nn', '@lapyra/testing', 'inversify'],
    ['@lapyra/core', 'node:fs', 'vitest'],
  ],
  ['packages/nn', ['@lapyra/backend-tfjs', 'lapyra'], ['@lapyra/testing', '@lapyra/nn', 'node:fs']],
  [
    'packages/tfjs-onnx',
    ['@lapyra/core', '@lapyra/nn'],
    ['@lapyra/testing', ONNX, 'onnxruntime-node'],
  ],
  ['packages/images', ['@lapyra/runtime'], ['@lapyra/testing', 'sharp']],
  ['packages/datasets', ['@lapyra/runtime', 'sharp'], ['@lapyra/testing', '@lapyra/images']],
  [
    'packages/training',
    ['@lapyra/runtime', 'inversify'],
    ['@lapyra/testing', '@lapyra/backend-tfjs'],
  ],
  [
    'packages/sampling',
    ['@lapyra/runtime', '@lapyra/training'],
    ['@lapyra/testing', 'onnxruntime-web'],
  ],
  ['packages/runtime', ['lapyra', '@lapyra/cli', 'sharp'], ['@lapyra/testing', LEVEL, 'inversify']],
  ['packages/lapyra', ['inversify', 'sharp'], ['@lapyra/testing', LEVEL, 'lapyra']],
  ['apps/cli', ['lapyra', 'inversify', 'sharp'], ['@lapyra/testing', LEVEL]],
  [
    'plugins/level-adversarial',
    [...ABOVE, 'inversify'],
    ['@lapyra/testing', '@lapyra/backend-tfjs', LEVEL],
  ],
  [
    'plugins/backend-tfjs',
    ['@lapyra/runtime', ONNX, LEVEL],
    ['@lapyra/testing', '@lapyra/backend-tfjs'],
  ],
];

const RELATIVE = [
  ['packages/core/src/a.ts', '../../nn/src/index.js'],
  ['packages/core/src/b.ts', '../../nn/index.js'],
  ['packages/core/src/deep/c.ts', '../../../nn/src/index.js'],
  ['packages/core/test/d.test.ts', '../../../plugins/level-adversarial/src/index.js'],
  ['plugins/level-adversarial/src/e.ts', '../../../packages/core/src/index.js'],
  ['plugins/level-adversarial/src/f.ts', '../../backend-tfjs/dist/index.js'],
  ['apps/cli/src/g.ts', '../../../packages/runtime/src/index.js'],
  ['tools/bench/h.mjs', '../../packages/core/src/index.js'],
];

/** How a name can be imported; each way must be caught. */
const WAYS = [
  ["import { a } from 'inversify';", 'inversify'],
  ["import type { a } from 'inversify';", 'inversify'],
  ["import 'inversify';", 'inversify'],
  ["export { a } from 'inversify';", 'inversify'],
  ["export * from 'inversify';", 'inversify'],
  ["export const a = await import('inversify');", 'inversify'],
  ["import { a } from 'inversify/deep';", 'inversify/deep'],
];

const row = ([folder, forbidden, allowed]) => ({ folder: String(folder), forbidden, allowed });
const cases = [];
const add = (group, file, code, name, forbidden) => {
  cases.push({
    group,
    file: `${file}`.replace('#', `${cases.length}`),
    code: `${code}\n`,
    name,
    forbidden,
  });
};
const addAll = (group, file, names, forbidden) => {
  for (const name of names) add(group, file, `export { a } from '${name}';`, name, forbidden);
};
for (const { folder, forbidden, allowed } of SOURCES.map(row)) {
  addAll(`sources of ${folder}`, `${folder}/src/scratch-#.ts`, forbidden, true);
  addAll(`sources of ${folder}`, `${folder}/src/scratch-#.ts`, allowed, false);
}
for (const { folder, forbidden, allowed } of TESTS.map(row)) {
  addAll(`tests of ${folder}`, `${folder}/src/scratch-#.test.ts`, forbidden, true);
  addAll(`tests of ${folder}`, `${folder}/test/scratch-#.ts`, allowed, false);
}
for (const name of ['@tensorflow/tfjs-core', '@standard-schema/spec']) {
  const group = 'types in packages/core';
  add(group, 'packages/core/src/scratch-#.ts', `import { a } from '${name}';`, name, true);
  add(group, 'packages/core/src/scratch-#.ts', `export { a } from '${name}';`, name, true);
  add(group, 'packages/core/src/scratch-#.ts', `import type { a } from '${name}';`, name, false);
  add(group, 'packages/core/src/scratch-#.ts', `export type { a } from '${name}';`, name, false);
}
for (const [file, name] of RELATIVE) {
  add('relative paths', file, `export { a } from '${name}';`, name, true);
}
for (const [code, name] of WAYS) {
  add('every way to import', 'plugins/level-adversarial/src/way-#.ts', code, name, true);
}
addAll('tools', 'tools/bench/scratch-#.mjs', ['inversify', 'sharp'], true);
addAll('config templates', 'apps/cli/templates/a/lapyra.config.ts', ['lapyra'], false);
const groups = [...new Set(cases.map((one) => one.group))];

const OTHER_RULES = [
  ['typescript(no-explicit-any)', 'packages/core/src/any.ts', 'export const a: any = 1;\n'],
  [
    'typescript(consistent-type-imports)',
    'packages/core/src/type-import.ts',
    "import { B } from './b.js';\nexport const a = (b: B): B => b;\n",
  ],
  [
    'typescript(no-floating-promises)',
    'packages/core/src/floating.ts',
    'const wait = async (): Promise<void> => {};\nexport function a(): void {\n  wait();\n}\n',
  ],
  ['eslint(no-console)', 'packages/core/src/console.ts', "console.log('a');\nexport {};\n"],
  [
    'eslint(no-console)',
    'plugins/level-adversarial/src/console.ts',
    "console.log('a');\nexport {};\n",
  ],
  ['eslint(max-lines)', 'packages/core/src/long.ts', 'export {};\nvoid 0;\n'.repeat(201)],
  [
    'import(no-cycle)',
    'packages/core/src/cycle-a.ts',
    "export { b } from './cycle-b.js';\nexport const a = 1;\n",
  ],
  ['import(no-default-export)', 'packages/core/src/default.ts', 'export default 1;\n'],
  [
    'vitest(no-focused-tests)',
    'packages/core/src/only.test.ts',
    "import { it } from 'vitest';\nit.only('a', () => {});\n",
  ],
  [
    'vitest(no-disabled-tests)',
    'packages/core/src/skip.test.ts',
    "import { it } from 'vitest';\nit.skip('a', () => {});\n",
  ],
];

let copy;
let found;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'lapyra-law-'));
  for (const file of ['.oxlintrc.json', '.oxlintrc.law.json', 'tsconfig.base.json']) {
    cpSync(join(root, file), join(copy, file));
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const write = (file, text) => {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    writeFileSync(join(copy, file), text);
  };
  for (const { file, code } of cases) write(file, code);
  for (const [, file, code] of OTHER_RULES) write(file, code);
  write('packages/core/src/cycle-b.ts', "export { a } from './cycle-a.js';\nexport const b = 1;\n");
  write('packages/core/tsconfig.json', read('packages/core/tsconfig.json'));
  found = lint(copy);
}, 60_000);

afterAll(() => rmSync(copy, { recursive: true, force: true }));

describe('the dependency law', () => {
  it.each(groups)('%s: lint names what is forbidden and nothing else', (group) => {
    const inGroup = cases.filter((one) => one.group === group);
    const named = inGroup.filter(({ file, name }) => names(file, name)).map(({ code }) => code);
    const expected = inGroup.filter((one) => one.forbidden).map(({ code }) => code);
    expect(named).toEqual(expected);
  });

  it('is written to .oxlintrc.law.json as it stands in law.mjs', () => {
    expect(JSON.parse(read('.oxlintrc.law.json'))).toEqual(lawConfig());
  });

  it('covers every package', () => {
    const folders = ['packages', 'apps'].flatMap((group) =>
      readdirSync(join(root, group)).map((name) => `${group}/${name}`),
    );
    expect(SOURCES.map(([folder]) => folder)).toEqual(expect.arrayContaining(folders));
  });

  it('holds for every relative import of the repository: none leaves its package', () => {
    const strays = ['packages', 'plugins', 'apps'].flatMap((group) =>
      readdirSync(join(root, group)).flatMap((name) => strayImports(join(root, group, name))),
    );
    expect(strays).toEqual([]);
  });
});

describe('other rules', () => {
  it.each(OTHER_RULES)('%s is on in %s', (code, file) => {
    expect(found.get(file)?.map((one) => one.code)).toContain(code);
  });
});

/** Whether lint says of this file that it may not import this name. */
function names(file, name) {
  const all = (found.get(file) ?? []).filter(
    ({ code }) => code === 'eslint(no-restricted-imports)',
  );
  return all.some(({ message }) => message.startsWith(`'${name}' import is restricted`));
}

/** Problems by file. oxlint exits with 1 when it finds any, so its status says nothing here. */
function lint(folder) {
  let out;
  const bin = join(root, 'node_modules/oxlint/bin/oxlint');
  try {
    const args = [bin, '-c', '.oxlintrc.json', '-f', 'json', '.'];
    out = execFileSync(process.execPath, args, {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
  } catch (error) {
    out = error.stdout;
  }
  const byFile = new Map();
  for (const one of JSON.parse(out).diagnostics) {
    byFile.set(one.filename, [...(byFile.get(one.filename) ?? []), one]);
  }
  return byFile;
}

function strayImports(folder) {
  return sources(folder).flatMap(({ file, text }) => {
    const names = [...text.matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]*)['"]/g)].map(
      (m) => m[1],
    );
    return names
      .filter((name) => relative(folder, resolve(folder, dirname(file), name)).startsWith('..'))
      .filter((name) => !/^\.\.\/\.\.\/(tsup|vitest)\.base\.js$/.test(name))
      .map((name) => `${relative(root, join(folder, file))}: ${name}`);
  });
}

function sources(folder) {
  return readdirSync(folder, { recursive: true })
    .map((file) => file.split(sep).join('/'))
    .filter((file) => /\.(ts|mjs|js)$/.test(file))
    .filter((file) => !/(^|\/)(node_modules|dist|coverage|fixtures)\//.test(file))
    .map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }));
}
