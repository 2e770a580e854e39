// What stands around a plugin's sources: in Lapyra's repository as its other plugins have it, elsewhere complete.
import { readme } from './readme.mjs';
import { VERSIONS } from './versions.mjs';

const TESTED_WITH = [
  '@lapyra/backend-onnxruntime',
  '@lapyra/testing',
  '@lapyra/transform-laplacian',
];
const LIBRARY_IMPORT =
  "import { library } from '../../tsup.base.js';\n\nexport default library();\n";
const PROJECT_IMPORT =
  "import { project } from '../../vitest.base.js';\n\nexport default project(import.meta.url);\n";

export function repositoryFrame(template, names) {
  const exact = (name) => (name.startsWith('@lapyra/') ? VERSIONS.lapyra : VERSIONS[name]);
  return {
    'package.json': json({
      ...head(template, names),
      exports: {
        '.': {
          '@lapyra/source': './src/index.ts',
          types: './dist/index.d.ts',
          default: './dist/index.js',
        },
        './package.json': './package.json',
      },
      main: './dist/index.js',
      types: './dist/index.d.ts',
      publishConfig: { access: 'public' },
      ...marks(template, names),
      dependencies: versions(template.needs, exact),
      peerDependencies: peers(template),
      devDependencies: versions(
        [
          ...testedWith(template),
          '@lapyra/core',
          ...(usesTfjs(template) ? ['@tensorflow/tfjs-core'] : []),
        ].toSorted(),
        exact,
      ),
      nx: { targets: { build: {}, test: {}, typecheck: {}, lint: {}, 'pack-check': {} } },
    }),
    'README.md': readme(template, names),
    'tsconfig.json': json({ extends: '../../tsconfig.base.json', include: ['src', 'test'] }),
    'tsconfig.build.json': json({
      extends: './tsconfig.json',
      include: ['src'],
      exclude: ['src/**/*.test.ts', 'src/**/*.test-*.ts'],
      compilerOptions: {
        customConditions: [],
        noEmit: false,
        emitDeclarationOnly: true,
        declarationMap: false,
        sourceMap: false,
        rootDir: 'src',
        outDir: 'dist',
      },
    }),
    'tsup.config.ts': LIBRARY_IMPORT,
    'vitest.config.ts': PROJECT_IMPORT,
  };
}

export function standaloneFrame(template, names) {
  const caret = (name) => `^${name.startsWith('@lapyra/') ? VERSIONS.lapyra : VERSIONS[name]}`;
  return {
    'package.json': json({
      ...head(template, names),
      exports: {
        '.': { types: './dist/index.d.ts', default: './dist/index.js' },
        './package.json': './package.json',
      },
      scripts: {
        build: 'tsc -p tsconfig.build.json',
        typecheck: 'tsc',
        test: 'vitest run',
        prepare: 'npm run build',
      },
      ...marks(template, names),
      dependencies: versions(template.needs, caret),
      peerDependencies: peers(template),
      devDependencies: versions(
        [
          ...testedWith(template),
          '@lapyra/core',
          '@tensorflow/tfjs-core',
          '@types/node',
          ...(template.kind === 'dataset' ? [] : ['onnxruntime-node']),
          'typescript',
          'vitest',
        ].toSorted(),
        caret,
      ),
      ...(template.kind === 'dataset'
        ? {}
        : // Its install script only fetches CUDA libraries, from a host other than npm's.
          { allowScripts: { 'onnxruntime-node': false } }),
    }),
    'README.md': readme(template, names),
    '.gitignore': 'node_modules/\ndist/\n',
    'tsconfig.json': json({
      include: ['src', 'test'],
      compilerOptions: {
        target: 'ES2023',
        lib: ['ES2023'],
        types: ['node'],
        module: 'NodeNext',
        strict: true,
        noUncheckedIndexedAccess: true,
        exactOptionalPropertyTypes: true,
        verbatimModuleSyntax: true,
        skipLibCheck: true,
        noEmit: true,
      },
    }),
    'tsconfig.build.json': json({
      extends: './tsconfig.json',
      include: ['src'],
      compilerOptions: { noEmit: false, declaration: true, rootDir: 'src', outDir: 'dist' },
    }),
    'vitest.config.ts':
      "import { defineConfig } from 'vitest/config';\n\n// Native addons want processes, not threads.\nexport default defineConfig({ test: { pool: 'forks', testTimeout: 30_000 } });\n",
  };
}

function head({ kind, summary }, { packageName }) {
  return {
    name: packageName,
    version: VERSIONS.lapyra,
    description: `A ${kind} plugin for Lapyra: ${summary}.`,
    license: 'MIT',
    type: 'module',
    sideEffects: false,
    engines: { node: '>=20.19.0' },
    files: ['dist'],
  };
}

function marks({ kind }, { exportName }) {
  return {
    keywords: [`lapyra-${kind}`],
    lapyra: { contract: VERSIONS.contract, plugins: { [exportName]: kind } },
  };
}

function peers({ tfjs }) {
  return {
    '@lapyra/core': '>=0.1.0 <1.0.0',
    ...(tfjs ? { '@tensorflow/tfjs-core': `^${VERSIONS['@tensorflow/tfjs-core']}` } : {}),
  };
}

/** Suites other than those of datasets run on an engine, and those of levels with a transform. */
function testedWith({ kind }) {
  if (kind === 'level') return TESTED_WITH;
  return TESTED_WITH.filter(
    (name) => name.endsWith('testing') || (kind !== 'dataset' && name.includes('backend')),
  );
}

function usesTfjs({ tfjs }) {
  return tfjs;
}

function versions(names, of) {
  return Object.fromEntries(names.map((name) => [name, of(name)]));
}

function json(value) {
  return `${JSON.stringify(value, null, 2)}\n`;
}
