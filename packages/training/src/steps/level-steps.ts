import {
  type Engine,
  initialState,
  LapyraError,
  type Level,
  type Size,
  sizeName,
  type StepTraining,
  type TensorValues,
  type Transform,
  type Whitening,
  whiteningTensors,
} from '@lapyra/core';
import { checkTraining } from '../check-training.js';
import type { StepImages } from './step-images.js';
import { createStepRunner, type StepLosses } from './step-runner.js';

export interface LevelStepsOptions {
  readonly level: Level;
  /** Opened by the caller, who also disposes of it. */
  readonly engine: Engine;
  readonly transform: Transform;
  /** All sizes of the pyramid, coarse to fine; the last is that of the crops that are drawn from the images. */
  readonly sizes: readonly Size[];
  /** Which of them is the level's. */
  readonly index: number;
  readonly images: StepImages;
  readonly whitening: Whitening;
  /** Of the whole training, for schedules. */
  readonly steps: number;
  readonly seed: number;
  /** Mirror half of the crops. @default true */
  readonly flip?: boolean;
}

/** A level's training in the caller's hands: no folder, no checkpoints, no scores. */
export interface LevelSteps {
  /** Steps done so far. */
  readonly done: number;
  /** Take the next step. Wait for it before the next one is asked for. */
  step(): Promise<StepLosses>;
  /** The whole training state. */
  read(): Promise<TensorValues>;
  /** The state of the sampler, under the sampler's names: to draw with, or to export. */
  samplerState(): Promise<TensorValues>;
  dispose(): Promise<void>;
}

/**
 * Train a level step by step, in Node or a browser. Inputs of a step follow from (seed, level, step), as in `trainLevel`:
 * the same images, seed and number of steps take a level the same way.
 *
 * @throws {LapyraError} `LAPYRA_LEVEL_TRAINING` if the level does not train by steps, `LAPYRA_LEVEL_PROGRAM`,
 * `LAPYRA_DATA_CROP`, `LAPYRA_TRAIN_CONDITION`; what the engine throws
 */
export async function openLevelSteps(options: LevelStepsOptions): Promise<LevelSteps> {
  const { level, engine, transform, sizes, index, images, whitening, steps, seed } = options;
  const name = sizeName(level.place.size);
  const training = stepsOf(level);
  checkTraining(level, training, { step: 0, steps, images: images.count.train });
  const start = initialState(training.state, seed, name);
  const state = await engine.open({ ...start, ...whiteningTensors(whitening) });
  try {
    const runner = await createStepRunner({
      level,
      training,
      transform: transform.tensor,
      store: images,
      job: { index, sizes, flip: options.flip ?? true, seed, steps },
      state,
    });
    let done = 0;
    return {
      get done() {
        return done;
      },
      step: async () => {
        const losses = await runner.run(done, 1);
        done++;
        return losses;
      },
      read: () => state.read(Object.keys(training.state)),
      samplerState: async () => {
        const names = Object.entries(training.samplerState);
        const values = await state.read([...new Set(names.map(([, from]) => from))]);
        return Object.fromEntries(names.map(([to, from]) => [to, values[from]!]));
      },
      dispose: () => state.dispose(),
    };
  } catch (error) {
    await state.dispose();
    throw error;
  }
}

function stepsOf({ place, training }: Level): StepTraining {
  if (training?.kind === 'steps') return training;
  throw new LapyraError(
    'LAPYRA_LEVEL_TRAINING',
    `level ${sizeName(place.size)}: expected training by steps, got ${training ? 'training on the host' : 'nothing to train'}.`,
    { hint: 'Such a level brings its training itself: call its fit, or use it as it is.' },
  );
}
