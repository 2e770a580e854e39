import type { PyramidConfig } from '@lapyra/core';

type Options = { readonly [key: string]: unknown };

/** Options of networks so small that a step takes a millisecond or two. */
const TINY_BATCH = { real: 4, generated: 4, generator: 4 };
const TINY_DENSE = {
  generator: { hidden: [8, 8] },
  discriminator: { hidden: [8, 8] },
  batch: TINY_BATCH,
};
const TINY_REFINE = { width: 4, generator: { kernels: [3, 3] }, batch: TINY_BATCH };

export interface TinyConfigOptions {
  readonly name?: string;
  readonly steps?: number;
  readonly checkpointEvery?: number;
  readonly scoreEvery?: number;
  /** Of the first level, and of the refining one. */
  readonly dense?: Options;
  readonly refine?: Options;
}

/** A pyramid 8 → 14 on the images of a test project. */
export function tinyConfig(options: TinyConfigOptions = {}): PyramidConfig {
  const { name = 'tiny', steps = 20, checkpointEvery = 10, scoreEvery = steps } = options;
  const each = { steps, checkpointEvery, scoreEvery, scoreImages: 32 };
  const config = {
    name,
    data: {
      from: {
        use: '@lapyra/dataset-cifar10#cifar10',
        options: { source: 'folder', folder: 'images' },
      },
      crop: 14,
      flip: true,
      validation: 64,
    },
    transform: { use: '@lapyra/transform-laplacian#boxBilinear', options: {} },
    levels: [
      {
        size: 8,
        ...each,
        model: {
          use: '@lapyra/level-adversarial#dense',
          options: { ...TINY_DENSE, ...options.dense },
        },
      },
      {
        size: 14,
        ...each,
        model: {
          use: '@lapyra/level-adversarial#refine',
          options: { ...TINY_REFINE, ...options.refine },
        },
      },
    ],
  };
  return config as unknown as PyramidConfig;
}

/** The config of the run that is trained once for many tests: 20 steps with a checkpoint each 5, scored at the end. */
export const trainedConfig = (name = 'tiny'): PyramidConfig =>
  tinyConfig({ name, checkpointEvery: 5 });
