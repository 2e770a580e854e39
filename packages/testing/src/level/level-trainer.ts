import type {
  CompiledProgram,
  Engine,
  Level,
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
  readonly seed: number;
  /** Steps of the whole training, for schedules. */
  readonly steps: number;
}

export interface StepOptions {
  /** Where the step stands in the schedules, if not where its number says. */
  readonly clock?: number;
  /** Look at the inputs of a program, or change them. */
  readonly inputs?: (inputs: TensorValues, program: StepProgram) => TensorValues;
}

/** What one program recorded in one step: its outputs by name. */
export type Recorded = Readonly<Record<string, number>>;

/** A level's training on an engine, step by step. */
export interface LevelTrainer {
  /** Run the programs of a step, in order. The same number means the same pictures and random numbers. */
  step(step: number, options?: StepOptions): Promise<readonly Recorded[]>;
  read(): Promise<TensorValues>;
  write(state: TensorValues): Promise<void>;
  dispose(): Promise<void>;
}

/** Open a state and compile a level's step programs for it. */
export async function openTrainer(
  options: LevelTrainerOptions,
  start: TensorValues,
): Promise<LevelTrainer> {
  const { engine, level, training, views, seed, steps } = options;
  const state = await engine.open(start);
  const compiled = new Map<string, CompiledProgram>();
  for (const program of training.programs)
    compiled.set(program.name, await state.compile(stepTensorProgram(program, level)));
  return {
    step: async (step, { clock: at = step, inputs: change } = {}) => {
      const recorded: Recorded[] = [];
      const clock = { step: at, steps, images: views.count };
      for (const [occurrence, program] of programsAt(training, step).entries()) {
        const key = [step, occurrence];
        const inputs = stepInputs(program, { level, training, views, seed, clock, key });
        const given = change ? change(inputs, program) : inputs;
        const outputs = await compiled.get(program.name)!.run(given);
        recorded.push(
          Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data[0]!])),
        );
      }
      return recorded;
    },
    read: () => state.read(),
    write: (values) => state.write(values),
    dispose: () => state.dispose(),
  };
}

/** The programs of a step, in order. */
export function programsAt(training: StepTraining, step: number): readonly StepProgram[] {
  const { programs, order } = training;
  if (!order) return programs;
  return order.call(training, step).map((name) => {
    const program = programs.find((one) => one.name === name);
    if (!program) throw new Error(`order(${step}) names '${name}', which is no program`);
    return program;
  });
}

/** The part of a training state that the sampler reads, by the sampler's names. */
export function samplerStateOf(training: StepTraining, state: TensorValues): TensorValues {
  return Object.fromEntries(
    Object.entries(training.samplerState).map(([name, source]) => [name, state[source]!]),
  );
}
