// What every level must do, as a vitest suite.
import type { Engine, Level, Size, Transform } from '@lapyra/core';
import { engine as tfjs } from '@tensorflow/tfjs-core';
import { afterAll, describe, it } from 'vitest';
import type { Closeness } from './expect-close.js';
import { levelChecks } from './level/level-checks.js';
import { levelHarness } from './level/level-harness.js';
import { trueViews } from './level/true-views.js';
import { type LabelledImages, readCifar10Fixture } from './read-cifar10-fixture.js';

export interface LevelConformanceOptions {
  /** Title of the suite. */
  readonly name: string;
  /** Make the level at its place: level `index` of `sizes`. */
  readonly create: () => Level | Promise<Level>;
  /** Open the engine on which the level is run; the suite disposes of it. */
  readonly engine: () => Promise<Engine>;
  /** Open another engine, which must agree after five steps: ‖a − b‖ ≤ 1e-4 · (‖b‖ + rate) for each state tensor. */
  readonly oracle?: () => Promise<Engine>;
  readonly transform: Transform;
  /** Sizes of the pyramid, from coarse to fine. */
  readonly sizes: readonly Size[];
  /** Which of them is the level's. */
  readonly index: number;
  /** Real images to train on, at least 2; they are brought to the pyramid's size and channels. Default: {@link readCifar10Fixture} */
  readonly images?: LabelledImages;
  /**
   * Outputs of the step programs that must be lower after training than before, on the same images and random numbers
   * that training has not used. @default []: training only has to stay finite
   */
  readonly lowers?: readonly string[];
  /** Steps of that training. @default 30 */
  readonly steps?: number;
  /** @default 1 */
  readonly seed?: number;
  /** How far apart images may be that differ by rounding only. @default { relative: 1e-5, absolute: 1e-5 } */
  readonly closeness?: Closeness;
  /**
   * Whether what a sampler on the host draws depends on the condition; of a tensor program its inputs say it.
   * @default false
   */
  readonly conditional?: boolean;
  /** Number of tensors that are alive. Default: tfjs's own count. */
  readonly liveTensors?: () => number;
}

/**
 * The conformance suite of levels: call it at the top of a test file, as `await levelConformance({ … })`.
 *
 * It checks what the level declares against its place and itself; that the sampler draws finite images of the right shape, whatever
 * else is in the batch, the same from the same inputs, otherwise from other noise, and the same from an exported file
 * (engines that can `export`); that training by steps moves every weight, is fixed by its seed, resumes bit for bit,
 * skips steps with a NaN, agrees with the oracle, gives features by each layer of its networks, and on real images lowers what it should. A level that trains on the
 * host has to `fit`, and is then drawn from.
 *
 * @throws {LapyraError} `LAPYRA_TESTING_FIXTURE` outside of the repository, where `images` must be given
 */
export async function levelConformance(options: LevelConformanceOptions): Promise<void> {
  const { name, create, transform, sizes, index, seed = 1, steps = 30, lowers = [] } = options;
  const level = await create();
  const images = options.images ?? readCifar10Fixture();
  const views = await trueViews(images, level.place, transform.plain, sizes, index);
  const engine = await options.engine();
  const harness = levelHarness({
    level,
    create,
    engine,
    oracle: options.oracle,
    transform,
    sizes,
    index,
    views,
    seed,
    steps,
    lowers,
    closeness: options.closeness ?? { relative: 1e-5, absolute: 1e-5 },
    conditional: options.conditional ?? false,
    liveTensors: options.liveTensors ?? (() => tfjs().state.numTensors),
  });

  describe(name, () => {
    afterAll(() => engine.dispose());

    for (const { title, run } of levelChecks(harness)) it(title, run);
  });
}
