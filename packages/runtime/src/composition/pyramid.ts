import {
  checkFit,
  checkLevel,
  type ConditionSpec,
  type Dataset,
  fitSignature,
  LapyraError,
  type Level,
  type OpenDataset,
  type Size,
  sizeName,
  type Transform,
  type Whitening,
} from '@lapyra/core';
import { Container } from 'inversify';
import type { ResolvedConfig } from '../config/resolved-config.js';
import type { CreateOptions } from '../plugins/create-plugin.js';
import type { Project } from '../project.js';
import { datasetModule, levelModule, runModule, transformModule } from './modules.js';
import { DATA_SHAPE, DATASET, LEVELS, TRANSFORM } from './tokens.js';

/** What the levels need to know of the data. */
export interface DataShape {
  /** Of the crops: the size of the finest level. */
  readonly size: Size;
  readonly channels: number;
  readonly condition: ConditionSpec;
}

/** A config come to life: its transform and its levels, checked to fit each other. */
export interface Pyramid {
  readonly config: ResolvedConfig;
  readonly transform: Transform;
  /** From coarse to fine. */
  readonly levels: readonly Level[];
}

export interface CreatePyramidOptions extends CreateOptions {
  /** Of the run, once its images are measured. */
  readonly whitening?: Whitening;
}

/**
 * Create the levels of a config and check that they fit.
 *
 * @throws {LapyraError} `LAPYRA_PLUGIN_*` from a plugin, `LAPYRA_TRANSFORM_SIZES`, `LAPYRA_FIT_*`
 */
export async function createPyramid(
  project: Project,
  config: ResolvedConfig,
  shape: DataShape,
  options: CreatePyramidOptions = {},
): Promise<Pyramid> {
  const container = new Container({ defaultScope: 'Singleton' });
  await container.loadAsync(runModule(project, config, options), transformModule());
  container.bind(DATA_SHAPE).toConstantValue(shape);
  const transform = await container.getAsync(TRANSFORM);
  const sizes = config.levels.map(({ size }) => size);
  checkFinest(sizes, shape.size);
  transform.plain.check(sizes);
  await container.loadAsync(
    ...config.levels.map((level, index) =>
      levelModule(level, sizes, index, options.whitening ?? null),
    ),
  );
  const levels = await container.getAllAsync(LEVELS);
  for (const level of levels) checkLevel(level);
  checkFit(
    levels.map(({ place }) =>
      fitSignature(place, { sizes, transform: transform.plain, whitening: UNMEASURED }),
    ),
  );
  container.unbindAll();
  return { config, transform, levels };
}

/** Stands for the whitening, which all levels of a run share, until it is measured. */
const UNMEASURED: Whitening = {
  kind: 'range',
  shape: [1, 1, 1, 1],
  mean: Float32Array.of(0),
  scale: Float32Array.of(1),
};

/** The dataset of a config. */
export async function createDataset(
  project: Project,
  config: ResolvedConfig,
  options: CreateOptions = {},
): Promise<Dataset> {
  const container = new Container({ defaultScope: 'Singleton' });
  await container.loadAsync(runModule(project, config, options), datasetModule());
  return container.getAsync(DATASET);
}

/**
 * What an opened dataset means to the levels of a config.
 *
 * @throws {LapyraError} `LAPYRA_DATA_CROP` if the crop is larger than the images, `LAPYRA_DATA_CLASSES` if classes are
 * wanted and there are none
 */
export function dataShape(
  config: ResolvedConfig,
  data: Pick<OpenDataset, 'size' | 'channels' | 'classes'>,
): DataShape {
  const size = config.data.crop ?? data.size;
  if (size[0] > data.size[0] || size[1] > data.size[1]) {
    throw new LapyraError(
      'LAPYRA_DATA_CROP',
      `data.crop: expected at most ${sizeName(data.size)}, the size of the images, got ${sizeName(size)}.`,
    );
  }
  if (config.condition === 'none')
    return { size, channels: data.channels, condition: { kind: 'none' } };
  if (!data.classes) {
    throw new LapyraError(
      'LAPYRA_DATA_CLASSES',
      `condition: expected a dataset with classes, got one without.`,
      {
        hint: 'Set condition to none, or use labelled images (one folder a class).',
      },
    );
  }
  return { size, channels: data.channels, condition: { kind: 'classes', names: data.classes } };
}

function checkFinest(sizes: readonly Size[], crop: Size): void {
  const finest = sizes.at(-1)!;
  if (finest[0] === crop[0] && finest[1] === crop[1]) return;
  throw new LapyraError(
    'LAPYRA_FIT_CROP',
    `levels: expected the last level to have the size of the training crops, ${sizeName(crop)}, got ${sizeName(finest)}.`,
    { hint: `Set data.crop to ${sizeName(finest)}, or add a level of size ${sizeName(crop)}.` },
  );
}
