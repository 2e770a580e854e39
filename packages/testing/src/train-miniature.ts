// A level trained for seconds on the few real images of the fixture, and what it then draws from images that it was not
// trained on: enough to see that it learns what it is for.
import {
  type Engine,
  initialState,
  type Level,
  type Size,
  sizeName,
  type TensorValue,
  type TensorValues,
  type Transform,
} from '@lapyra/core';
import { drawImages, samplerInputs } from './level/draw-images.js';
import { openTrainer, samplerStateOf } from './level/level-trainer.js';
import { type TrueViews, trueViews } from './level/true-views.js';
import { type LabelledImages, readCifar10Fixture } from './read-cifar10-fixture.js';
import { float32 } from './tensor-values.js';

export interface MiniatureOptions {
  readonly level: Level;
  readonly engine: Engine;
  readonly transform: Transform;
  /** Sizes of the pyramid, from coarse to fine, and which of them is the level's. */
  readonly sizes: readonly Size[];
  readonly index: number;
  /** Training steps; a level that trains on the host fits itself. */
  readonly steps: number;
  /** Images kept aside, the last of the set. @default 64 */
  readonly held?: number;
  /** Default: {@link readCifar10Fixture} */
  readonly images?: LabelledImages;
  /** @default 1 */
  readonly seed?: number;
}

export interface DrawOptions {
  /** Of the noise. @default 1 */
  readonly seed?: number;
  /** Looks at the inputs, or changes them. */
  readonly change?: (inputs: TensorValues) => TensorValues;
}

export interface Miniature {
  /** Of all images: those kept aside have the indices from {@link Miniature.trained} on. */
  readonly views: TrueViews;
  /** Number of images that it was trained on. */
  readonly trained: number;
  /** The sampler's state. */
  readonly state: TensorValues;
  /** The whole training state, or what a level that trained on the host gave back. */
  readonly training: TensorValues;
  /** What the step programs recorded at the last step, by output. */
  readonly losses: Readonly<Record<string, number>>;
  /** One part of the images that were kept aside: `image`, `low`, … */
  held(part: Parameters<TrueViews['part']>[0]): TensorValue;
  /**
   * Whole images [held, H, W, C] that the level draws for those kept aside, from their coarse images and conditions.
   */
  draw(options?: DrawOptions): Promise<TensorValue>;
}

/** Train a level for a few steps on real images. Images are whitened by pixel, as in the conformance suite. */
export async function trainMiniature(options: MiniatureOptions): Promise<Miniature> {
  const { level, engine, transform, sizes, index, steps, held = 64, seed = 1 } = options;
  const images = options.images ?? readCifar10Fixture();
  const views = await trueViews(images, level.place, transform.plain, sizes, index);
  const trained = views.count - held;
  const { state, training, losses } = await learn(
    level,
    engine,
    transform,
    { ...views, count: trained },
    steps,
    seed,
  );
  const kept = Array.from({ length: held }, (_, at) => trained + at);
  return {
    views,
    trained,
    state,
    training,
    losses,
    held: (part) => views.part(part, kept),
    draw: async ({ seed: drawnWith = 1, change } = {}) => {
      const given = samplerInputs(level, views, trained, held, drawnWith);
      const inputs = change ? change(given) : given;
      const drawn = await drawImages(engine, level, state, inputs, held);
      if (level.output === 'image' || !level.place.coarse) return drawn;
      const low = views.part('low', kept);
      return float32(
        low.shape,
        Float32Array.from(low.data, (value, at) => value + drawn.data[at]!),
      );
    },
  };
}

async function learn(
  level: Level,
  engine: Engine,
  transform: Transform,
  views: TrueViews,
  steps: number,
  seed: number,
): Promise<Pick<Miniature, 'state' | 'training' | 'losses'>> {
  const { training } = level;
  if (!training) return { state: {}, training: {}, losses: {} };
  if (training.kind === 'host') {
    const { signal } = new AbortController();
    const state = await training.fit(views, { seed, signal, report: () => undefined });
    return { state, training: state, losses: {} };
  }
  const start = initialState(training.state, seed, sizeName(level.place.size));
  const resample = transform.tensor;
  const trainer = await openTrainer(
    { engine, level, training, views, resample, seed, steps },
    start,
  );
  try {
    let losses: Record<string, number> = {};
    for (let step = 0; step < steps; step++)
      losses = Object.assign({}, ...(await trainer.step(step))) as typeof losses;
    const read = await trainer.read();
    return { state: samplerStateOf(training, read), training: read, losses };
  } finally {
    await trainer.dispose();
  }
}
