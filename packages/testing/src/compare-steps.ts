// The step programs of a level on two engines, run from the same state with the same inputs.
import {
  type Engine,
  initialState,
  type Level,
  type StepProgram,
  sizeName,
  type Size,
  type TensorValue,
  type Transform,
} from '@lapyra/core';
import { openTrainer, programsAt } from './level/level-trainer.js';
import { trueViews } from './level/true-views.js';
import { readCifar10Fixture } from './read-cifar10-fixture.js';

/** Of the training whose first step is taken. */
const STEPS = 100;

export interface CompareStepsOptions {
  readonly level: Level;
  readonly transform: Transform;
  /** Sizes of the pyramid, from coarse to fine, and which of them is the level's. */
  readonly sizes: readonly Size[];
  readonly index: number;
  readonly engine: Engine;
  readonly oracle: Engine;
}

/** How far a tensor of the state, or an output, is from the oracle's. */
export interface StepDifference {
  /** Name of the step program. */
  readonly program: string;
  /** Name of the state tensor, or of the output. */
  readonly name: string;
  /** ‖engine − oracle‖, over all elements. */
  readonly difference: number;
  /** ‖oracle‖ */
  readonly norm: number;
  /** How far the program has moved a state tensor on the oracle; of an output its norm. */
  readonly moved: number;
}

/**
 * Take the first step of a level's training on two engines, on real images of the repository, and one by each program that
 * has no part in it.
 *
 * @throws {Error} if the level does not train by steps
 */
export async function compareSteps(options: CompareStepsOptions): Promise<StepDifference[]> {
  const { level, transform, sizes, index, engine, oracle } = options;
  const { training } = level;
  if (training?.kind !== 'steps')
    throw new Error('compareSteps: the level does not train by steps');
  const views = await trueViews(readCifar10Fixture(), level.place, transform.plain, sizes, index);
  const start = initialState(training.state, 1, sizeName(level.place.size));
  const shared = { level, training, views, resample: transform.tensor, seed: 1, steps: STEPS };
  const ours = await openTrainer({ engine, ...shared }, start);
  const theirs = await openTrainer({ engine: oracle, ...shared }, start);
  const found: StepDifference[] = [];
  const step = async (program: StepProgram, occurrence: number): Promise<void> => {
    const before = await theirs.read();
    const outputs = await ours.run(program, 0, { occurrence });
    const expected = await theirs.run(program, 0, { occurrence });
    const [state, wanted] = [await ours.read(), await theirs.read()];
    for (const name of program.writes)
      found.push({
        program: program.name,
        name,
        difference: distance(state[name]!, wanted[name]!),
        norm: distance(wanted[name]!),
        moved: distance(wanted[name]!, before[name]!),
      });
    for (const name of program.outputs) {
      const [value, truth] = [outputs[name]!, expected[name]!];
      found.push({
        program: program.name,
        name,
        difference: Math.abs(value - truth),
        norm: Math.abs(truth),
        moved: Math.abs(truth),
      });
    }
  };
  const first = programsAt(training, { step: 0, steps: STEPS, images: views.count });
  for (const [at, program] of first.entries()) await step(program, at);
  for (const program of training.programs.filter((one) => !first.includes(one))) {
    for (const trainer of [ours, theirs]) await trainer.write(start);
    await step(program, 0);
  }
  await ours.dispose();
  await theirs.dispose();
  return found;
}

function distance({ data }: TensorValue, from?: TensorValue): number {
  let sum = 0;
  for (let at = 0; at < data.length; at += 1) sum += (data[at]! - (from?.data[at] ?? 0)) ** 2;
  return Math.sqrt(sum);
}
