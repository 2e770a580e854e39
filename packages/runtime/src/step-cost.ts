import {
  elementCount,
  type Engine,
  initialState,
  LapyraError,
  type Level,
  type ProgramCost,
  sizeName,
  type StepTraining,
  type TensorValues,
  whiteningTensors,
} from '@lapyra/core';
import { composeStep } from '@lapyra/training';
import type { DataShape, Pyramid } from './composition/pyramid.js';
import type { ResolvedConfig } from './config/resolved-config.js';

/** How often a program runs in a step, on average over the training, whose order may change on the way. */
function runsPerStep({ order, programs }: StepTraining, name: string, steps: number): number {
  if (!order) return programs.filter((program) => program.name === name).length;
  let runs = 0;
  for (let step = 0; step < steps; step += 1) {
    const names = order({ step, steps, images: steps });
    runs += names.filter((one) => one === name).length;
  }
  return runs / steps;
}

/**
 * The mean cost of a step: a program that runs twice counts twice, one that runs every other step counts half. `null` for
 * a level without steps; one with nothing to train is opened, to find out before anything is trained that it cannot be.
 */
export async function stepCost(
  { config, transform, levels }: Pyramid,
  index: number,
  shape: DataShape,
  engine: Engine,
): Promise<ProgramCost | null> {
  const level = levels[index] as Level;
  const { training, sampler } = level;
  if (training === null && 'kind' in sampler) await (await sampler.open({}, engine)).dispose();
  if (training?.kind !== 'steps' || !engine.cost) return null;
  const state = {
    ...initialState(training.state, config.seed, sizeName(level.place.size)),
    ...anyWhitening(config, shape),
  };
  const sizes = config.levels.map(({ size }) => size);
  let flop = 0;
  let bytes = 0;
  let seconds = 0;
  for (const program of training.programs) {
    const composed = composeStep(program, training, {
      level,
      transform: transform.tensor,
      sizes,
      index,
    });
    const cost = await engine.cost(composed, state);
    const runs = runsPerStep(training, program.name, config.levels[index]!.steps);
    flop += cost.flop * runs;
    seconds += cost.seconds * runs;
    bytes = Math.max(bytes, cost.bytes);
  }
  if (!Number.isFinite(flop)) {
    throw new LapyraError(
      'LAPYRA_ENGINE_COST',
      `${engine.id}: expected a number of operations, got ${flop}.`,
    );
  }
  return { flop, bytes, seconds };
}

/** A whitening of the right shape: costs do not depend on its numbers. */
function anyWhitening(config: ResolvedConfig, { size, channels }: DataShape): TensorValues {
  const kind = config.data.whitening;
  const [height, width] = kind === 'pixel' ? size : [1, 1];
  const shape = [1, height, width, channels] as const;
  const ones = new Float32Array(elementCount(shape)).fill(1);
  return whiteningTensors({ kind, shape, mean: ones, scale: ones });
}
