import type {
  CompiledProgram,
  Engine,
  Level,
  Resample,
  StepClock,
  StepProgram,
  StepTraining,
  TensorValues,
} from '@lapyra/core';
import { stepInputs, stepTensorProgram } from './step-inputs.js';
import type { TrueViews } from './true-views.js';

export interface LevelTrainerOptions {
  readonly engine: Engine;
  readonly level: Level;
  readonly training: StepTraining;
  readonly views: TrueViews;
  /** The pyramid's d and u. */
  readonly resample: Resample;
  readonly seed: number;
  /** Steps of the whole training, for schedules. */
  readonly steps: number;
}

/** What one program recorded in one run: its outputs by name. */
export type Recorded = Readonly<Record<string, number>>;

export interface RunOptions {
  /** Where the run stands in the schedules, if not where its step says. */
  readonly clock?: number;
  /** Which run of the step it is, of one program. @default 0 */
  readonly occurrence?: number;
  /** Look at the inputs, or change them. */
  readonly change?: (inputs: TensorValues) => TensorValues;
}

/** A level's training on an engine, step by step. The same step means the same pictures and random numbers. */
export interface LevelTrainer {
  /** Run one program. */
  run(program: StepProgram, step: number, options?: RunOptions): Promise<Recorded>;
  /** Run the programs of a step, in order. */
  step(step: number, options?: RunOptions): Promise<readonly Recorded[]>;
  read(): Promise<TensorValues>;
  write(state: TensorValues): Promise<void>;
  dispose(): Promise<void>;
}

/** Open a state and compile a level's step programs for it. */
export async function openTrainer(
  options: LevelTrainerOptions,
  start: TensorValues,
): Promise<LevelTrainer> {
  const { engine, level, training, views, resample, seed, steps } = options;
  const state = await engine.open(start);
  const compiled = new Map<StepProgram, CompiledProgram>();
  for (const program of training.programs)
    compiled.set(program, await state.compile(stepTensorProgram(program, level, resample)));
  const run = async (
    program: StepProgram,
    key: readonly number[],
    { clock: at = key[0]!, change }: RunOptions = {},
  ): Promise<Recorded> => {
    const clock = { step: at, steps, images: views.count };
    const inputs = stepInputs(program, { level, training, views, seed, clock, key });
    const outputs = await compiled.get(program)!.run(change ? change(inputs) : inputs);
    return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data[0]!]));
  };
  return {
    run: (program, step, how) => run(program, [step, how?.occurrence ?? 0], how),
    step: async (step, how) => {
      const recorded: Recorded[] = [];
      const clock = { step: how?.clock ?? step, steps, images: views.count };
      for (const [occurrence, program] of programsAt(training, clock).entries())
        recorded.push(await run(program, [step, occurrence], how));
      return recorded;
    },
    read: () => state.read(),
    write: (values) => state.write(values),
    dispose: () => state.dispose(),
  };
}

/** The programs of a step, in order. */
export function programsAt(training: StepTraining, clock: StepClock): readonly StepProgram[] {
  const { programs, order } = training;
  if (!order) return programs;
  return order.call(training, clock).map((name) => {
    const program = programs.find((one) => one.name === name);
    if (!program)
      throw new Error(`the order at step ${clock.step} names '${name}', which is no program`);
    return program;
  });
}

/** The part of a training state that the sampler reads, by the sampler's names. */
export function samplerStateOf(training: StepTraining, state: TensorValues): TensorValues {
  return Object.fromEntries(
    Object.entries(training.samplerState).map(([name, source]) => [name, state[source]!]),
  );
}
