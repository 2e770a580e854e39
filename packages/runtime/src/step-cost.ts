import {
  elementCount,
  type Engine,
  initialState,
  LapyraError,
  type Level,
  type ProgramCost,
  sizeName,
  type TensorValues,
  whiteningTensors,
} from '@lapyra/core';
import { composeStep } from '@lapyra/training';
import type { DataShape, Pyramid } from './composition/pyramid.js';
import type { ResolvedConfig } from './config/resolved-config.js';

/** The mean cost of a step: a program that runs twice counts twice, one that runs every other step counts half. */
export async function stepCost(
  { config, transform, levels }: Pyramid,
  index: number,
  shape: DataShape,
  engine: Engine,
): Promise<ProgramCost | null> {
  const level = levels[index] as Level;
  const { training } = level;
  if (training?.kind !== 'steps' || !engine.cost) return null;
  const state = {
    ...initialState(training.state, config.seed, sizeName(level.place.size)),
    ...anyWhitening(config, shape),
  };
  const sizes = config.levels.map(({ size }) => size);
  const period = 12; // steps; long enough for every usual k:1
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
    let runs = 0;
    for (let step = 0; step < period; step += 1) {
      const order = training.order?.(step) ?? training.programs.map(({ name }) => name);
      runs += order.filter((name) => name === program.name).length;
    }
    flop += (cost.flop * runs) / period;
    seconds += (cost.seconds * runs) / period;
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
