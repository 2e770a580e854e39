import { type Engine, LapyraError, type Size } from '@lapyra/core';
import { createCropReader, type ImageSplit, type ImageStore } from '@lapyra/training';
import { listBackends, selectBackend } from '../composition/backends.js';
import { drawSamples } from '../draw-samples.js';
import type { WorkHooks } from '../prepare-data.js';
import { findProject } from '../project.js';
import { findRun } from '../stored/find-run.js';
import { openRunImages } from '../stored/run-images.js';
import { openStoredRun } from '../stored/stored-run.js';
import { middleViews, readView } from './crop-views.js';
import { openFeatureNet } from './feature-net.js';
import {
  chooseLayer,
  featureDescriber,
  type ImageDescriber,
  pixelDescriber,
} from './image-describer.js';
import { nearestCrops, nearestMiddleCrops, type TrainingCrops } from './nearest-crops.js';
import type { Neighbour } from './nearest-vectors.js';
import { type NeighboursSummary, summarise } from './neighbours-summary.js';

export interface NeighboursRequest {
  readonly folder: string;
  /** Name or folder of a run. Default: the one touched last. */
  readonly run?: string;
  /** Samples drawn. */
  readonly count: number;
  readonly seed: number;
  /** Training images looked for, for each sample. */
  readonly nearest: number;
  /** Name of a class. */
  readonly className?: string;
  /** Also look in features: of the plugin `package#export`, or of the one that the project has installed. */
  readonly features?: string | true;
  /** Layer of the feature net. Default: the one before its scores. */
  readonly layer?: string;
  readonly backend: string;
}

/** The nearest training images by one way to measure. */
export interface NeighboursBy {
  /** `pixels`, or the feature net and its layer. */
  readonly measure: string;
  /** For each sample, nearest first. */
  readonly samples: readonly (readonly Neighbour[])[];
  /** The same for images that were kept aside from training: what is typical of images that nobody copied. */
  readonly keptAside: readonly (readonly Neighbour[])[];
  readonly summary: NeighboursSummary;
  /** The training images near the samples, as the crops that are nearest: uint8 [count · nearest, H, W, C]. */
  readonly pixels: Uint8Array;
}

export interface Neighbours {
  /** The folder of the run. */
  readonly from: string;
  readonly backend: string;
  readonly size: Size;
  readonly channels: 1 | 3 | 4;
  /** uint8 [count, H, W, C]. */
  readonly samples: Uint8Array;
  /** Training images that were looked at. */
  readonly searched: number;
  /** Pixels, then features if they were asked for. */
  readonly by: readonly NeighboursBy[];
}

/** Images kept aside that are compared with the training images as samples are. */
const KEPT_ASIDE = 256;

/**
 * Find the training images nearest to drawn samples, and how near images that were kept aside come to theirs: a model
 * that copies draws samples that are much nearer.
 *
 * @throws {LapyraError} `LAPYRA_REUSE_*`, `LAPYRA_FEATURES_*`, `LAPYRA_RUN_*`, `LAPYRA_SAMPLE_*`, `LAPYRA_BACKEND_*`
 */
export async function findNeighbours(
  request: NeighboursRequest,
  hooks: WorkHooks,
): Promise<Neighbours> {
  const project = findProject(request.folder);
  const folder = findRun(project.folder, request.run);
  const run = await openStoredRun(folder);
  const { config } = run;
  const store = await openRunImages(project, run, hooks);
  try {
    checkNearest(request.nearest, store);
    const images = { size: config.levels.at(-1)!.size, channels: run.shape.channels };
    const net =
      request.features === undefined ? null : await openFeatureNet(project, request.features);
    const layer = net && chooseLayer(net, images, request.layer);
    const drawn = await drawSamples({ ...request, run: folder, range: 'dewhitened' }, hooks);
    const { size, channels, pixels: samples } = drawn.levels.at(-1)!;
    const crops = createCropReader(store, size);
    const training: TrainingCrops = { store, crops, flip: config.data.flip };
    const { backend } = await selectBackend(await listBackends(project), request.backend, 'sample');
    const engine = await backend.open();
    try {
      const search = searcher(engine, training, request, samples, hooks);
      const by = [await search(pixelDescriber(size, channels), nearestCrops)];
      if (net && layer) {
        const features = await featureDescriber(engine, net, images, layer);
        by.push(await search(features, nearestMiddleCrops));
      }
      return {
        from: folder,
        backend: drawn.backend,
        size,
        channels,
        samples,
        searched: store.count.train,
        by,
      };
    } finally {
      await engine.dispose();
    }
  } finally {
    store.close();
  }
}

/** Searches for samples and images kept aside alike. */
function searcher(
  engine: Engine,
  training: TrainingCrops,
  { count, nearest }: NeighboursRequest,
  samples: Uint8Array,
  hooks: WorkHooks,
) {
  const queries = Buffer.concat([samples, imagesKeptAside(training)]);
  return async (describer: ImageDescriber, find: typeof nearestCrops): Promise<NeighboursBy> => {
    const what = `searching by ${describer.name}`;
    const found = await find(engine, training, describer, queries, nearest, (done, total) =>
      hooks.progress({ what, done, total, unit: 'images' }),
    );
    const [near, aside] = [found.slice(0, count), found.slice(count)];
    return {
      measure: describer.name,
      samples: near,
      keptAside: aside,
      summary: summarise(near, aside),
      pixels: cropsOf(training, near.flat()),
    };
  };
}

function checkNearest(nearest: number, store: ImageStore): void {
  if (nearest <= store.count.train) return;
  throw new LapyraError(
    'LAPYRA_REUSE_COUNT',
    `nearest: expected at most ${store.count.train}, the number of training images, got ${nearest}.`,
  );
}

/** The middle crops of images that the model has not seen, spread over all of them. */
function imagesKeptAside({ store, crops }: TrainingCrops): Uint8Array {
  const split: ImageSplit = store.count.test > 0 ? 'test' : 'validation';
  const all = store.count[split];
  const count = Math.min(KEPT_ASIDE, all);
  const indices = Array.from({ length: count }, (_, at) => Math.floor((at * all) / count));
  return readView(crops, store.channels, split, indices, middleViews(crops, false)[0]!);
}

function cropsOf({ store, crops }: TrainingCrops, near: readonly Neighbour[]): Uint8Array {
  const pixels = new Uint8Array(near.length * crops.crop[0] * crops.crop[1] * store.channels);
  near.forEach(({ index, view }, at) =>
    crops.read('train', index, view.top, view.left, view.mirrored, pixels, at),
  );
  return pixels;
}
