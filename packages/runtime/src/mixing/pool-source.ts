import { existsSync } from 'node:fs';
import {
  checkFit,
  fitSignature,
  LapyraError,
  type Level,
  sameSize,
  sizeName,
  type Transform,
  type Whitening,
} from '@lapyra/core';
import type { RunPaths } from '@lapyra/training';
import { createPyramid, type Pyramid } from '../composition/pyramid.js';
import type { CreateOptions } from '../plugins/create-plugin.js';
import type { Project } from '../project.js';
import { findRun } from '../stored/find-run.js';
import { openStoredRun } from '../stored/stored-run.js';
import { type TrainedState, trainedState } from '../stored/trained-state.js';
import type { TrainingOrderOptions } from './training-order.js';

/** Trained levels that draw coarse images for the one above them. */
export interface PoolSource {
  readonly run: string;
  readonly paths: RunPaths;
  /** From coarse to fine. */
  readonly levels: readonly Level[];
  readonly transform: Transform;
}

export interface PoolSourceOptions extends CreateOptions {
  readonly project: Project;
  readonly pyramid: Pyramid;
  /** Which level learns on them. */
  readonly index: number;
  /** Of the run; `null`: not measured yet, its numbers are taken to be those of the other run. */
  readonly whitening: Whitening | null;
}

/**
 * The levels of another run up to the size below a level, if what they give is what the level expects.
 *
 * @param from name or folder of that run
 * @throws {LapyraError} `LAPYRA_RUN_*`, `LAPYRA_FIT_MISMATCH`
 */
export async function otherPoolSource(
  { project, pyramid, index, whitening, ...create }: PoolSourceOptions,
  from: string,
): Promise<PoolSource> {
  const run = await openStoredRun(findRun(project.folder, from));
  const other = await createPyramid(project, run.config, run.shape, {
    ...create,
    whitening: run.whitening,
  });
  const { place } = pyramid.levels[index]!;
  const at = other.levels.findIndex(
    (level) => place.coarse !== null && sameSize(level.place.size, place.coarse),
  );
  if (at < 0) {
    const sizes = other.levels.map((level) => sizeName(level.place.size)).join(', ');
    throw new LapyraError(
      'LAPYRA_FIT_MISMATCH',
      `level ${sizeName(place.size)}: expected generated coarse images of ${place.coarse ? sizeName(place.coarse) : 'no size'} from run ${from}, got a run of ${sizes}.`,
      { hint: 'Name a run that has a level of the size below.' },
    );
  }
  const sizesOf = ({ config }: Pyramid): Level['place']['size'][] =>
    config.levels.map(({ size }) => size);
  const gives = fitSignature(other.levels[at]!.place, {
    sizes: sizesOf(other),
    transform: other.transform.plain,
    whitening: run.whitening,
  });
  const expects = fitSignature(place, {
    sizes: sizesOf(pyramid),
    transform: pyramid.transform.plain,
    whitening: whitening ?? { ...run.whitening, kind: pyramid.config.data.whitening },
  });
  checkFit([{ ...gives, expects: null, expectsHash: null }, expects]);
  return {
    run: run.config.name,
    paths: run.paths,
    levels: other.levels.slice(0, at + 1),
    transform: other.transform,
  };
}

/**
 * Levels of other runs that are to draw coarse images for some of a run's levels must be there, trained, and fit.
 *
 * @throws {LapyraError} as {@link otherPoolSource} and {@link sourceStates}
 */
export async function checkPoolSources(
  options: Omit<PoolSourceOptions, 'index'> & TrainingOrderOptions,
): Promise<void> {
  const { pyramid, paths, names, fresh } = options;
  for (const [index, { name, generatedCoarse }] of pyramid.config.levels.entries()) {
    const isDrawn = !fresh && existsSync(paths.level(name).generated);
    if (!names.includes(name) || generatedCoarse?.from === undefined || isDrawn) continue;
    await sourceStates(await otherPoolSource({ ...options, index }, generatedCoarse.from));
  }
}

/**
 * What the levels of a source draw with.
 *
 * @throws {LapyraError} `LAPYRA_RUN_UNTRAINED`, `LAPYRA_CHECKPOINT_DAMAGED`
 */
export async function sourceStates({
  paths,
  levels,
}: PoolSource): Promise<readonly { readonly level: Level; readonly trained: TrainedState }[]> {
  return Promise.all(
    levels.map(async (level) => ({ level, trained: await trainedState(paths, level) })),
  );
}
