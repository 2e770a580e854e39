import { existsSync } from 'node:fs';
import { LapyraError } from '@lapyra/core';
import { loadLastCheckpoint, type RunPaths } from '@lapyra/training';
import type { Pyramid } from '../composition/pyramid.js';

export interface TrainingOrderOptions {
  readonly paths: RunPaths;
  readonly pyramid: Pyramid;
  /** Names of the levels to be trained. */
  readonly names: readonly string[];
  /** What is in the run's folder does not count. */
  readonly fresh: boolean;
}

/**
 * For each level the levels that must be done before it begins: those below one that learns on what they draw, unless that
 * was drawn already.
 *
 * @throws {LapyraError} `LAPYRA_RUN_UNTRAINED` if one of them is neither done nor to be trained
 */
export async function trainingOrder(
  options: TrainingOrderOptions,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { paths, pyramid, names, fresh } = options;
  const order = new Map<string, readonly string[]>();
  for (const [index, { name, generatedCoarse }] of pyramid.config.levels.entries()) {
    const isDrawn = !fresh && existsSync(paths.level(name).generated);
    const ownPool = generatedCoarse && generatedCoarse.from === undefined && !isDrawn;
    if (!ownPool || !names.includes(name)) continue;
    const after: string[] = [];
    for (const [at, lower] of pyramid.config.levels.slice(0, index).entries()) {
      if (lower.origin) continue;
      if (names.includes(lower.name)) after.push(lower.name);
      else if (fresh || !(await isDone(paths, pyramid, at))) throw untrained(name, lower.name);
    }
    order.set(name, after);
  }
  return order;
}

/** Whether a level's training has come to its goal. */
async function isDone(
  paths: RunPaths,
  { config, levels }: Pyramid,
  index: number,
): Promise<boolean> {
  const { name, steps } = config.levels[index]!;
  const last = await loadLastCheckpoint(paths.level(name).checkpoints);
  if (!last) return false;
  return levels[index]?.training?.kind !== 'steps' || last.checkpoint.step >= steps;
}

function untrained(name: string, lower: string): LapyraError {
  return new LapyraError(
    'LAPYRA_RUN_UNTRAINED',
    `level ${name}: expected level ${lower} below it to be done, since it learns on what that draws; got one that is not.`,
    { hint: `Train both, in one go: lapyra train --level ${lower} --level ${name}` },
  );
}
