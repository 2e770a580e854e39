import {
  conditionWidth,
  type ConditionSpec,
  type Engine,
  imageBatch,
  type Level,
  randomStream,
  sizeName,
  type Transform,
} from '@lapyra/core';
import { openTrainedLevel, samplePyramid, type SampleOptions } from '@lapyra/sampling';
import { type CoarsePool, createConditionReader, type ImageStore } from '@lapyra/training';
import type { TrainedState } from '../stored/trained-state.js';

export interface DrawCoarsePoolOptions {
  /** The levels below, from coarse to fine, with what they draw with. */
  readonly levels: readonly { readonly level: Level; readonly trained: TrainedState }[];
  readonly transform: Transform;
  readonly engine: Engine;
  /** Of the training images, whose conditions are drawn for. */
  readonly store: ImageStore;
  readonly images: number;
  readonly seed: number;
  /** What tells this pool from others of the same seed. */
  readonly name: string;
  readonly signal: AbortSignal;
  progress(done: number, total: number): void;
}

/**
 * Draw coarse images from trained levels, each for the condition of a training image. Settled by seed and name alone.
 *
 * @returns `null` if the signal was aborted
 */
export async function drawCoarsePool(options: DrawCoarsePoolOptions): Promise<CoarsePool | null> {
  const { levels, transform, engine, images, seed, name, signal } = options;
  const runners = [];
  try {
    for (const { level, trained } of levels)
      runners.push(await openTrainedLevel({ level, transform, engine, state: trained.state }));
    const { place } = levels.at(-1)!.level;
    const condition = drawConditions(options);
    const coarse = imageBatch([images, ...place.size, place.channels]);
    const each = coarse.data.length / images;
    const drawn = samplePyramid(runners, {
      count: images,
      seed: randomStream(seed, 'generated', name).integers(1, 2 ** 31)[0]!,
      ...conditionOptions(place.condition, condition),
    });
    for await (const { level, first, images: batch } of drawn) {
      if (signal.aborted) return null;
      if (level !== sizeName(place.size)) continue;
      coarse.data.set(batch.data, first * each);
      options.progress(first + batch.shape[0], images);
    }
    return { coarse, condition };
  } finally {
    for (const runner of runners) await runner.dispose();
  }
}

/** The conditions of training images, drawn with replacement [n, width]. */
function drawConditions({
  levels,
  store,
  images,
  seed,
  name,
}: DrawCoarsePoolOptions): Float32Array | null {
  const reader = createConditionReader(levels[0]!.level, store);
  if (reader.width === 0) return null;
  const stream = randomStream(seed, 'generated', name, 'condition');
  const indices = stream.integers(images, store.count.train);
  const condition = new Float32Array(images * reader.width);
  reader.read('train', indices, stream, condition);
  return condition;
}

/** Condition vectors as `samplePyramid` takes them. */
function conditionOptions(
  spec: ConditionSpec,
  condition: Float32Array | null,
): Pick<SampleOptions, 'classes' | 'embeddings'> {
  if (!condition || spec.kind === 'none') return {};
  if (spec.kind === 'embedding') return { embeddings: condition };
  const width = conditionWidth(spec);
  return {
    classes: Array.from({ length: condition.length / width }, (_, row) =>
      condition.subarray(row * width, (row + 1) * width).indexOf(1),
    ),
  };
}
