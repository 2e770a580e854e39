import {
  type Engine,
  initialState,
  type Level,
  sizeName,
  type Size,
  type StepTraining,
  type TensorValues,
  type Transform,
} from '@lapyra/core';
import type { Closeness } from '../expect-close.js';
import { type LevelTrainer, openTrainer, samplerStateOf } from './level-trainer.js';
import type { TrueViews } from './true-views.js';

/** One thing that a level must do; `run` throws if it does not. */
export interface LevelCheck {
  readonly title: string;
  run(): void | Promise<void>;
}

/** A level under test and what it is tested with. */
export interface LevelSubject {
  readonly level: Level;
  /** Make the level again. */
  readonly create: () => Level | Promise<Level>;
  readonly engine: Engine;
  readonly oracle: (() => Promise<Engine>) | undefined;
  readonly transform: Transform;
  readonly sizes: readonly Size[];
  readonly index: number;
  readonly views: TrueViews;
  readonly seed: number;
  /** Steps of the longest training in the suite. */
  readonly steps: number;
  readonly lowers: readonly string[];
  /** How far apart results of one engine may be that only differ in rounding. */
  readonly closeness: Closeness;
  /** Whether what a sampler on the host draws depends on the condition; of a program its inputs say it. */
  readonly conditional: boolean;
  readonly liveTensors: () => number;
}

/** What the checks share beside the subject. */
export interface LevelHarness extends LevelSubject {
  /** The state with which training begins. */
  initial(training: StepTraining): TensorValues;
  /** Train from the start on the engine under test. One trainer serves all who ask, since compiling takes the time. */
  withTrainer<Result>(training: StepTraining, use: Use<Result>): Promise<Result>;
  /** Train with a trainer opened for the purpose and disposed of. */
  withOwnTrainer<Result>(
    training: StepTraining,
    use: Use<Result>,
    options?: { readonly engine?: Engine; readonly start?: TensorValues },
  ): Promise<Result>;
  /** A state for the sampler that has learnt for a few steps; the same at each call. */
  samplerState(): Promise<TensorValues>;
}

type Use<Result> = (trainer: LevelTrainer, start: TensorValues) => Promise<Result>;

/** Steps after which every weight must have moved: the first three, and others where the programs change on the way. */
export function fewSteps({ order }: StepTraining, steps: number): readonly number[] {
  return order ? [0, 1, 2, steps >> 1, steps - 1] : [0, 1, 2];
}

export function levelHarness(subject: LevelSubject): LevelHarness {
  const { level, views, seed, steps } = subject;
  const resample = subject.transform.tensor;
  let sampled: Promise<TensorValues> | undefined;
  // Disposed of with the engine.
  let shared: Promise<LevelTrainer> | undefined;
  const open = (
    training: StepTraining,
    start: TensorValues,
    engine = subject.engine,
  ): Promise<LevelTrainer> =>
    openTrainer({ engine, level, training, views, resample, seed, steps }, start);
  const harness: LevelHarness = {
    ...subject,
    initial: ({ state }) => initialState(state, seed, sizeName(level.place.size)),
    withTrainer: async (training, use) => {
      const start = harness.initial(training);
      shared ??= open(training, start);
      const trainer = await shared;
      await trainer.write(start);
      return use(trainer, start);
    },
    withOwnTrainer: async (training, use, { engine, start = harness.initial(training) } = {}) => {
      const trainer = await open(training, start, engine);
      try {
        return await use(trainer, start);
      } finally {
        await trainer.dispose();
      }
    },
    samplerState: () => (sampled ??= learn(harness)),
  };
  return harness;
}

async function learn({
  level,
  views,
  seed,
  steps,
  withTrainer,
}: LevelHarness): Promise<TensorValues> {
  const { training } = level;
  if (!training) return {};
  if (training.kind === 'host') {
    const { signal } = new AbortController();
    return training.fit(views, { seed, signal, report: () => undefined });
  }
  return withTrainer(training, async (trainer) => {
    for (const step of fewSteps(training, steps)) await trainer.step(step);
    return samplerStateOf(training, await trainer.read());
  });
}
