// A level that another run has trained: read from there once, when the new run is made, and copied into it.
import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { LapyraError, loadWhitening, sizeName, type Whitening } from '@lapyra/core';
import {
  bestScore,
  type Checkpoint,
  levelPaths,
  type LevelPaths,
  loadBestCheckpoint,
  openRun,
  runPaths,
  type RunPaths,
  takeOverLevel,
} from '@lapyra/training';
import {
  type LevelOrigin,
  type ResolvedConfig,
  resolveLevel,
  type ResolvedLevel,
} from '../config/resolved-config.js';
import type { WorkHooks } from '../prepare-data.js';
import { runsFolder } from './find-run.js';
import { type LevelRecord, readLevelRecord } from './level-record.js';

interface SwappedLevel {
  readonly paths: LevelPaths;
  readonly record: LevelRecord;
  readonly checkpoint: Checkpoint;
}

/**
 * A level of another run as part of a new run's config.
 *
 * @param from its folder, as the config names it; relative ones start at the project's folder
 * @param run name of the new run
 * @throws {LapyraError} `LAPYRA_LEVEL_FROM` if that is no folder of a level, or one of the new run itself;
 * `LAPYRA_RUN_UNTRAINED`, `LAPYRA_CHECKPOINT_DAMAGED`
 */
export async function resolveSwappedLevel(
  projectFolder: string,
  from: string,
  run: string,
): Promise<ResolvedLevel> {
  const own = resolve(runsFolder(projectFolder), run);
  if (!relative(own, resolve(projectFolder, from)).startsWith('..')) {
    throw new LapyraError(
      'LAPYRA_LEVEL_FROM',
      `level from ${from}: expected a level of another run, got one of '${run}' itself.`,
      { hint: 'Give the new run another --name.' },
    );
  }
  const { record, checkpoint } = await readSwappedLevel(projectFolder, from);
  const { step, scores } = checkpoint;
  const score = bestScore(scores);
  return {
    ...resolveLevel({ size: record.size, steps: Math.max(1, step) }),
    model: record.model,
    origin: { from, run: record.run, step, score, fit: record.fit },
  };
}

/** What is known of a run's whitening before its images are measured. */
export interface KnownWhitening {
  readonly whitening: Whitening | null;
  /** The level of another run that brings it along; `null` if the run has its own, or none yet. */
  readonly broughtBy: ResolvedLevel | null;
}

/**
 * A run's whitening, if it has one already, or that of the levels which it takes from other runs: they must go on seeing
 * images as they did.
 *
 * @param fresh the run that is there does not count
 * @throws {LapyraError} as {@link resolveSwappedLevel}
 */
export async function knownWhitening(
  projectFolder: string,
  { name, levels }: ResolvedConfig,
  fresh = false,
): Promise<KnownWhitening> {
  const folder = resolve(runsFolder(projectFolder), name);
  if (!fresh && existsSync(runPaths(folder).whitening))
    return { whitening: (await openRun(folder)).whitening, broughtBy: null };
  const broughtBy = levels.find(({ origin }) => origin) ?? null;
  if (!broughtBy?.origin) return { whitening: null, broughtBy: null };
  const { record } = await readSwappedLevel(projectFolder, broughtBy.origin.from);
  return { whitening: loadWhitening(record.whitening), broughtBy };
}

/**
 * Copy the levels that come from other runs into this one, unless they are there. From then on the run stands alone.
 *
 * @throws {LapyraError} as {@link resolveSwappedLevel}; `LAPYRA_CHECKPOINT_WRITE`, `LAPYRA_FILE_WRITE`
 */
export async function takeOverLevels(
  projectFolder: string,
  paths: RunPaths,
  { levels }: ResolvedConfig,
  hooks: Pick<WorkHooks, 'notice'>,
): Promise<void> {
  for (const { name, origin } of levels) {
    const to = paths.level(name);
    if (!origin || (await isThere(to, origin))) continue;
    const { paths: from, checkpoint } = await readSwappedLevel(projectFolder, origin.from);
    if (checkpoint.step !== origin.step) {
      throw new LapyraError(
        'LAPYRA_LEVEL_FROM',
        `level from ${origin.from}: expected its best checkpoint at step ${origin.step}, as when this run was set up, got it at step ${checkpoint.step}.`,
        { hint: 'It was trained meanwhile: use another --name, or --fresh.' },
      );
    }
    await takeOverLevel(checkpoint, from, to);
    hooks.notice(
      `level ${name}: took step ${origin.step} of run ${origin.run} from ${origin.from}; it is not trained again`,
    );
  }
}

async function isThere({ checkpoints }: LevelPaths, { step }: LevelOrigin): Promise<boolean> {
  const loaded = existsSync(checkpoints) ? await loadBestCheckpoint(checkpoints) : null;
  return loaded?.checkpoint.step === step;
}

async function readSwappedLevel(projectFolder: string, from: string): Promise<SwappedLevel> {
  const folder = resolve(projectFolder, from);
  const paths = levelPaths(folder);
  const record = await readLevelRecord(paths.record);
  if (!record) throw notALevel(from, folder, paths);
  const loaded = await loadBestCheckpoint(paths.checkpoints);
  if (!loaded) {
    const name = sizeName(record.size);
    throw new LapyraError(
      'LAPYRA_RUN_UNTRAINED',
      `level from ${from}: expected a trained level, got one without a checkpoint.`,
      { hint: `Train it in its own run first: lapyra train --name ${record.run} --level ${name}` },
    );
  }
  if (loaded.damaged.length > 0) {
    throw new LapyraError(
      'LAPYRA_CHECKPOINT_DAMAGED',
      `level from ${from}: expected its best checkpoint, got a damaged one. ${loaded.notices.join(' ')}`,
      {
        hint: 'Restore it from a copy, or go on with the training of its own run, which sets it aside.',
      },
    );
  }
  return { paths, record, checkpoint: loaded.checkpoint };
}

function notALevel(from: string, folder: string, paths: LevelPaths): LapyraError {
  const got = !existsSync(folder)
    ? 'no such folder'
    : existsSync(resolve(folder, 'config.json'))
      ? 'the folder of a run'
      : existsSync(paths.record)
        ? 'a level.json that cannot be read'
        : 'a folder without level.json';
  const isOld = existsSync(paths.checkpoints) && !existsSync(paths.record);
  return new LapyraError(
    'LAPYRA_LEVEL_FROM',
    `level from ${from}: expected the folder of a trained level, such as runs/a/levels/14, got ${got}.`,
    {
      hint: isOld
        ? 'Run lapyra train on that run once more: it writes the file, and trains nothing that is done.'
        : 'Relative folders start at the project.',
    },
  );
}
