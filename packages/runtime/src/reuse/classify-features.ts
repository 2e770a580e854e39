import { initialState, type TensorValues } from '@lapyra/core';
import { createCropReader, type ImageStore } from '@lapyra/training';
import { listBackends, selectBackend } from '../composition/backends.js';
import { createPyramid } from '../composition/pyramid.js';
import { pickLevels } from '../open-config.js';
import type { WorkHooks } from '../prepare-data.js';
import { findProject, type Project } from '../project.js';
import { findRun } from '../stored/find-run.js';
import { openRunImages } from '../stored/run-images.js';
import { openStoredRun, type StoredRun } from '../stored/stored-run.js';
import { bestCheckpoint } from '../stored/trained-state.js';
import { type ImageSet, learningSets } from './image-set.js';
import { type ImageVectors, layerVectors, pixelVectors } from './level-features.js';
import { layerOf, networkOf } from './level-network.js';
import { classifyLinearly, type LinearClassification } from './linear-classifier.js';

export interface FeaturesRequest {
  readonly folder: string;
  /** Name or folder of a run. Default: the one touched last. */
  readonly run?: string;
  /** Name of a level. Default: the finest. */
  readonly level?: string;
  /** Name of one of its networks: `d`, `g`. */
  readonly network: string;
  /** Name of a layer of it. Default: the last one that gives a map, else the last but one. */
  readonly layer?: string;
  /** Training images to learn from, at most. */
  readonly images: number;
  readonly seed: number;
  readonly backend: string;
}

/** How well a linear classifier does on one description of images. */
export interface ClassifiedBy extends LinearClassification {
  /** Numbers of each image. */
  readonly width: number;
}

export interface ClassifiedFeatures {
  /** The folder of the run. */
  readonly from: string;
  readonly backend: string;
  readonly level: string;
  readonly network: string;
  readonly layer: string;
  /** Shape of what the layer gives of one image, and of what a grid leaves of it. */
  readonly shape: readonly number[];
  readonly pooled: readonly number[];
  readonly classes: readonly string[];
  readonly images: { readonly train: number; readonly test: number };
  readonly features: ClassifiedBy;
  /** The same layer with the weights that training began with: what is due to the network's form alone. */
  readonly untrained: ClassifiedBy;
  /** The same images at the level's size, pixel by pixel. */
  readonly pixels: ClassifiedBy;
}

/**
 * Train a linear classifier on the features that a layer of a trained level gives, the same on those of the layer before
 * training and on pixels, and measure all three on test images.
 *
 * @throws {LapyraError} `LAPYRA_REUSE_*`, `LAPYRA_LEVEL_UNKNOWN`, `LAPYRA_RUN_*`, `LAPYRA_BACKEND_*`
 */
export async function classifyFeatures(
  request: FeaturesRequest,
  hooks: WorkHooks,
): Promise<ClassifiedFeatures> {
  const project = findProject(request.folder);
  const run = await openStoredRun(findRun(project.folder, request.run));
  const store = await openRunImages(project, run, hooks);
  try {
    return await classify(project, run, store, request, hooks);
  } finally {
    store.close();
  }
}

async function classify(
  project: Project,
  { paths, config, shape, whitening }: StoredRun,
  store: ImageStore,
  request: FeaturesRequest,
  hooks: WorkHooks,
): Promise<ClassifiedFeatures> {
  const { network: name, seed } = request;
  const { classes, train, test } = learningSets(store, request.images);
  const wanted = pickLevels(config, request.level === undefined ? [] : [request.level]).at(-1)!;
  const index = config.levels.findIndex((one) => one.name === wanted);
  const { levels, transform } = await createPyramid(project, config, shape, { whitening });
  const level = levels[index]!;
  const { network, state: spec } = networkOf(level, name);
  const { checkpoint, notices } = await bestCheckpoint(paths, level);
  for (const line of notices) hooks.notice(line);
  const { backend } = await selectBackend(await listBackends(project), request.backend, 'train');
  const engine = await backend.open();
  try {
    const sizes = config.levels.map(({ size }) => size);
    const crops = createCropReader(store, sizes.at(-1)!);
    const images = { level, transform, sizes, index, whitening, crops, seed };
    const describe = (
      layer: string,
      { split, indices }: Pick<ImageSet, 'split' | 'indices'>,
      state: TensorValues = checkpoint.state,
    ): Promise<ImageVectors> => {
      const what = `${name} ${layer} of ${split} images`;
      const tell = (done: number): void =>
        hooks.progress({ what, done, total: indices.length, unit: 'images' });
      const program = network.program(layer);
      return layerVectors(images, engine, program, state, split, indices, tell);
    };
    const layer = await layerOf(
      network,
      request.layer,
      async (one) => (await describe(one, { split: 'train', indices: [0] })).shape,
    );
    const classified = async (of: readonly ImageVectors[]): Promise<ClassifiedBy> => {
      const [learnt, asked] = of.map(({ vectors }) => vectors);
      const given = { vectors: learnt!, labels: train.labels };
      const held = { vectors: asked!, labels: test.labels };
      const found = await classifyLinearly(engine, given, held, classes.length, seed);
      return { ...found, width: learnt!.length / train.labels.length };
    };
    const seen = [await describe(layer, train), await describe(layer, test)];
    const start = initialState(spec, config.seed, wanted);
    const before = [await describe(layer, train, start), await describe(layer, test, start)];
    hooks.notice(
      `learning from ${train.indices.length} images, by features, by features before training and by pixels`,
    );
    const features = await classified(seen);
    const raw = [await pixelVectors(images, train), await pixelVectors(images, test)];
    return {
      from: paths.folder,
      backend: backend.id,
      level: wanted,
      network: name,
      layer,
      shape: seen[0]!.shape,
      pooled: seen[0]!.pooled,
      classes,
      images: { train: train.indices.length, test: test.indices.length },
      features,
      untrained: await classified(before),
      pixels: await classified(raw),
    };
  } finally {
    await engine.dispose();
  }
}
