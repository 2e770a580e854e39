import {
  checkFit,
  checkLevel,
  type ConditionSpec,
  type Dataset,
  type FitPyramid,
  fitSignature,
  LapyraError,
  type Level,
  type OpenDataset,
  type Size,
  sizeName,
  type TextEncoder,
  type Transform,
  type Whitening,
} from '@lapyra/core';
import { Container } from 'inversify';
import type { ResolvedConfig } from '../config/resolved-config.js';
import { checkMixedLevels } from '../mixing/check-mixed-levels.js';
import type { CreateOptions } from '../plugins/create-plugin.js';
import type { Project } from '../project.js';
import {
  datasetModule,
  encoderModule,
  levelModule,
  runModule,
  transformModule,
} from './modules.js';
import { DATA_SHAPE, DATASET, ENCODER, LEVELS, TRANSFORM } from './tokens.js';

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
  const fit = { sizes, transform: transform.plain, whitening: options.whitening ?? UNMEASURED };
  checkSwapped(config, shape, fit);
  await container.loadAsync(
    ...config.levels.map((level, index) =>
      levelModule(level, sizes, index, options.whitening ?? null),
    ),
  );
  const levels = await container.getAllAsync(LEVELS);
  for (const level of levels) checkLevel(level);
  checkFit(levels.map(({ place }) => fitSignature(place, fit)));
  checkStandsOnBelow(levels);
  checkMixedLevels({ config, levels });
  container.unbindAll();
  return { config, transform, levels };
}

/**
 * Levels from other runs fit by what is stored of them, before any is made: each on the level below it, and the last one
 * to the images.
 */
function checkSwapped(config: ResolvedConfig, shape: DataShape, pyramid: FitPyramid): void {
  if (!config.levels.some(({ origin }) => origin)) return;
  checkWhiteningKind(config, pyramid.whitening);
  const { sizes, transform } = pyramid;
  const wanted = sizes.map((size, index) =>
    fitSignature(
      {
        size,
        coarse: sizes[index - 1] ?? null,
        channels: shape.channels,
        condition: shape.condition,
        transform: transform.id,
      },
      pyramid,
    ),
  );
  const stored = config.levels.map(({ origin }, index) => origin?.fit ?? wanted[index]!);
  checkFit(stored, wanted.at(-1)!.gives);
}

/** A run is normalised as its levels from other runs are. */
function checkWhiteningKind({ data, levels }: ResolvedConfig, { kind }: Whitening): void {
  if (data.whitening === kind) return;
  const level = levels.find(({ origin }) => origin);
  throw new LapyraError(
    'LAPYRA_FIT_MISMATCH',
    `level ${level?.name} from ${level?.origin?.from}: expected normalisation ${data.whitening}, as data.whitening says, got ${kind}.`,
    { hint: `Set data.whitening to '${kind}'.` },
  );
}

/** Above another level, a level that draws whole images without looking below would make the levels below it idle. */
function checkStandsOnBelow(levels: readonly Level[]): void {
  for (const { place, sampler, output } of levels) {
    if (!place.coarse || output === 'band' || 'kind' in sampler) continue;
    if ('coarse' in sampler.inputs || 'low' in sampler.inputs) continue;
    throw new LapyraError(
      'LAPYRA_FIT_MISMATCH',
      `level ${sizeName(place.size)}: expected a level that draws on the image of ${sizeName(place.coarse)} below it, got one that starts a pyramid.`,
      { hint: 'Put it at the bottom, or another level here.' },
    );
  }
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

/** The encoder of a config's texts; `null` if its condition is another. */
export async function createEncoder(
  project: Project,
  config: ResolvedConfig,
  options: CreateOptions = {},
): Promise<TextEncoder | null> {
  const container = new Container({ defaultScope: 'Singleton' });
  await container.loadAsync(runModule(project, config, options), encoderModule());
  return container.getAsync(ENCODER);
}

/**
 * What an opened dataset means to the levels of a config.
 *
 * @param encoder of the texts, if the config has one
 * @throws {LapyraError} `LAPYRA_DATA_CROP` if the crop is larger than the images, `LAPYRA_DATA_CLASSES` if classes are
 * wanted and there are none, `LAPYRA_DATA_CAPTIONS` for texts and vectors
 */
export function dataShape(
  config: ResolvedConfig,
  data: Pick<OpenDataset, 'size' | 'channels' | 'classes' | 'captions'>,
  encoder: TextEncoder | null,
): DataShape {
  const size = config.data.crop ?? data.size;
  if (size[0] > data.size[0] || size[1] > data.size[1]) {
    throw new LapyraError(
      'LAPYRA_DATA_CROP',
      `data.crop: expected at most ${sizeName(data.size)}, the size of the images, got ${sizeName(size)}.`,
    );
  }
  return { size, channels: data.channels, condition: conditionOf(config, data, encoder) };
}

function conditionOf(
  { condition }: ResolvedConfig,
  data: Pick<OpenDataset, 'classes' | 'captions'>,
  encoder: TextEncoder | null,
): ConditionSpec {
  if (condition === 'none') return { kind: 'none' };
  if (encoder) {
    if (data.captions?.texts)
      return { kind: 'embedding', width: encoder.width, of: encoder.fingerprint };
    throw captionsError('texts', data.captions ? 'vectors only' : 'no captions', {
      hint: data.captions
        ? "Set condition to 'embedding': it takes the vectors that the dataset brings."
        : 'Use a dataset whose images have texts, such as captions() of @lapyra/dataset-captions.',
    });
  }
  if (condition === 'embedding') {
    const width = data.captions?.width ?? null;
    if (width !== null) return { kind: 'embedding', width };
    throw captionsError('vectors', data.captions ? 'texts only' : 'no captions', {
      hint: data.captions
        ? 'Set condition to { text: … } with an encoder, such as charNgrams() of @lapyra/encoder-text.'
        : 'Use a dataset that brings a vector for each image, such as captions() of @lapyra/dataset-captions.',
    });
  }
  if (!data.classes) {
    throw new LapyraError(
      'LAPYRA_DATA_CLASSES',
      `condition: expected a dataset with classes, got one without.`,
      {
        hint: 'Set condition to none, or use labelled images (one folder a class).',
      },
    );
  }
  return { kind: 'classes', names: data.classes };
}

function captionsError(
  expected: string,
  got: string,
  options: { readonly hint: string },
): LapyraError {
  return new LapyraError(
    'LAPYRA_DATA_CAPTIONS',
    `condition: expected a dataset whose images have ${expected}, got one with ${got}.`,
    options,
  );
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
