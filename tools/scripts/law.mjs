// Who may import whom: the one table behind the lint rules. `npm run lint:law` turns it into .oxlintrc.law.json.

const TFJS = ['@tensorflow/*', '@tensorflow/*/**'];
const TFJS_CORE = ['@tensorflow/tfjs-core'];
const ONNX = ['@lapyra/tfjs-onnx', '@lapyra/tfjs-onnx/**'];
const GRADIENTS = ['@lapyra/tfjs-onnx/gradients'];
const ORT = ['onnxruntime-*', 'onnxruntime-*/**'];
const PLUGINS = [
  '@lapyra/level-*',
  '@lapyra/backend-*',
  '@lapyra/dataset-*',
  '@lapyra/transform-*',
  '@lapyra/features-*',
  '@lapyra/encoder-*',
];
const OURS = ['@lapyra/*', '@lapyra/*/**', 'lapyra', 'lapyra/**'];
const PLUGIN = [
  '@lapyra/core',
  '@lapyra/nn',
  '@lapyra/gan',
  '@lapyra/datasets',
  '@lapyra/images',
  ...TFJS_CORE,
];
const PLUGIN_SAYS =
  'plugins import core, nn, gan, datasets, images, tfjs-core and their own library; never runtime, training, sampling, cli, lapyra, testing, another plugin or inversify';

/** What nobody may import unless the table says so. */
export const GUARDED = [
  ...OURS,
  'inversify',
  'inversify/**',
  '@inversifyjs/**',
  'reflect-metadata',
  'reflect-metadata/**',
  'sharp',
  'sharp/**',
  '@img/**',
  ...TFJS,
  ...ORT,
];

/** Every name that is not a relative path: for packages that may import nothing else, `node:` included. */
export const EVERYTHING = ['*', '!./**', '!../**', '!.', '!..'];

/**
 * One row a folder: `may` lists the names that sources may import, `types` those of which they may import types only,
 * `closed` forbids every other name instead of the guarded ones, `tests` lists what test files may import, and `not`
 * what they may not all the same. A later row wins over an earlier one.
 */
export const LAW = [
  {
    folder: 'packages/core',
    closed: true,
    may: [],
    types: ['@standard-schema/spec', ...TFJS_CORE],
    says: 'core imports nothing but types: those of Standard Schema and tfjs-core',
    tests: ['@lapyra/core', ...TFJS],
  },
  {
    folder: 'packages/nn',
    closed: true,
    may: ['@lapyra/core', ...GRADIENTS, ...TFJS_CORE],
    says: 'nn imports core, tfjs-core and @lapyra/tfjs-onnx/gradients',
    tests: ['@lapyra/core', '@lapyra/nn', '@lapyra/testing', ...ONNX, ...TFJS, ...ORT],
  },
  {
    folder: 'packages/gan',
    may: ['@lapyra/core', '@lapyra/nn', ...TFJS_CORE],
    says: 'gan imports core, nn, tfjs-core and valibot',
    tests: ['@lapyra/core', '@lapyra/gan', '@lapyra/nn', '@lapyra/testing', ...PLUGINS, ...TFJS],
  },
  {
    folder: 'packages/tfjs-onnx',
    closed: true,
    may: [...TFJS_CORE, '@tensorflow/tfjs-core/**', 'onnxruntime-common'],
    says: 'tfjs-onnx imports nothing of ours, only tfjs-core and onnxruntime-common',
    tests: ['@lapyra/testing', ...ONNX, ...TFJS, ...ORT],
  },
  {
    folder: 'packages/images',
    may: ['@lapyra/core', 'sharp'],
    says: 'images imports core and sharp',
    tests: ['@lapyra/core', '@lapyra/images', '@lapyra/testing', 'sharp'],
  },
  {
    folder: 'packages/datasets',
    may: ['@lapyra/core'],
    types: ['@lapyra/images'],
    says: 'datasets imports core, and types of images: who decodes loads sharp',
    tests: ['@lapyra/core', '@lapyra/datasets', '@lapyra/images', '@lapyra/testing'],
  },
  {
    folder: 'packages/training',
    may: ['@lapyra/core'],
    says: 'training imports core; no plugin and no engine',
    tests: [
      '@lapyra/core',
      '@lapyra/nn',
      '@lapyra/training',
      '@lapyra/training/steps',
      '@lapyra/testing',
      ...PLUGINS,
      ...TFJS,
    ],
  },
  {
    folder: 'packages/sampling',
    closed: true,
    may: ['@lapyra/core'],
    says: 'sampling imports core: it runs in browsers and is handed its engine',
    tests: [
      '@lapyra/core',
      '@lapyra/nn',
      '@lapyra/sampling',
      '@lapyra/testing',
      ...PLUGINS,
      ...TFJS,
      ...ORT,
    ],
  },
  {
    folder: 'packages/testing',
    may: ['@lapyra/core', ...TFJS_CORE],
    says: 'testing imports core, tfjs-core and vitest',
    tests: ['@lapyra/core', '@lapyra/nn', '@lapyra/testing', ...TFJS],
  },
  {
    folder: 'packages/runtime',
    may: [
      '@lapyra/core',
      '@lapyra/nn',
      '@lapyra/training',
      '@lapyra/sampling',
      '@lapyra/images',
      'inversify',
      'reflect-metadata',
    ],
    says: 'runtime imports core, nn, training, sampling, images and inversify, and learns of plugins from the config',
    tests: ['@lapyra/*', '@lapyra/*/**', 'inversify', 'reflect-metadata', ...TFJS, ...ORT],
    not: ['@lapyra/cli', '@lapyra/cli/**'],
  },
  {
    folder: 'packages/lapyra',
    may: ['@lapyra/core', '@lapyra/runtime', '@lapyra/cli', '@lapyra/cli/bin'],
    says: 'lapyra imports core, runtime and cli',
    tests: OURS,
  },
  {
    folder: 'apps/cli',
    may: [
      '@lapyra/core',
      '@lapyra/training',
      '@lapyra/sampling',
      '@lapyra/runtime',
      '@lapyra/images',
    ],
    says: 'cli imports core, training, sampling, runtime and images; never lapyra, plugins or inversify',
    tests: ['@lapyra/*', '@lapyra/*/**'],
  },
  {
    folder: 'plugins/*',
    may: PLUGIN,
    says: PLUGIN_SAYS,
    tests: [...PLUGIN, '@lapyra/testing', ...PLUGINS, ...TFJS, ...ORT],
  },
  {
    folder: 'plugins/backend-tfjs',
    may: [...PLUGIN, ...GRADIENTS, ...TFJS],
    says: PLUGIN_SAYS,
    tests: [...PLUGIN, '@lapyra/testing', '@lapyra/backend-tfjs', ...GRADIENTS, ...TFJS],
  },
  {
    folder: 'plugins/backend-onnxruntime',
    may: [...PLUGIN, ...ONNX, ...ORT],
    says: PLUGIN_SAYS,
    tests: [...PLUGIN, '@lapyra/testing', '@lapyra/backend-*', ...ONNX, ...TFJS, ...ORT],
  },
];
