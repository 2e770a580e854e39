// The levels of a trained run learn together, through the whole pyramid, in a run of its own: a copy whose checkpoints are
// replaced when it is done. Until then `finetune/` in its folder holds what it takes to go on.
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import {
  fitSignature,
  LapyraError,
  type Level,
  sizeName,
  type StepTraining,
  type TensorValues,
} from '@lapyra/core';
import {
  bestScore,
  type Checkpoint,
  type CoarseMixing,
  createRun,
  type LevelEvent,
  type LevelOutcome,
  levelPaths,
  loadBestCheckpoint,
  loadCoarsePool,
  loadLastCheckpoint,
  type RunPaths,
  saveCheckpoint,
  saveCoarsePool,
  trainLevel,
  writeJsonDurably,
  writeWhitening,
} from '@lapyra/training';
import { listBackends, selectBackend } from './composition/backends.js';
import { createPyramid, type Pyramid } from './composition/pyramid.js';
import type { ResolvedConfig, ResolvedLevel } from './config/resolved-config.js';
import { type GapReport, measureGap } from './measure-gap.js';
import { drawCoarsePool } from './mixing/draw-coarse-pool.js';
import { sourceStates } from './mixing/pool-source.js';
import type { WorkHooks } from './prepare-data.js';
import { findProject } from './project.js';
import { findRun, runsFolder } from './stored/find-run.js';
import { writeLevelRecords } from './stored/level-record.js';
import { openRunImages } from './stored/run-images.js';
import { openStoredRun, storedConfig, type StoredRun } from './stored/stored-run.js';
import { takeOverLevels } from './stored/swapped-level.js';
import { bestCheckpoint } from './stored/trained-state.js';

export interface FinetuneRequest {
  readonly folder: string;
  /** Name of a run, or its folder. Default: the run touched last. */
  readonly run?: string;
  /** Name of the new run. Default: that of the old one, and `-finetuned`. */
  readonly name?: string;
  readonly steps: number;
  /** Images of a step. */
  readonly batch: number;
  /** Adam's learning rate. */
  readonly rate: number;
  readonly seed: number;
  /** Validation images of the gap before and after, at most. */
  readonly images: number;
  readonly rounds: number;
  readonly backend: string;
  readonly threads?: number;
  readonly signal: AbortSignal;
}

export interface FinetuneHooks extends WorkHooks {
  /** Everything is ready, and the steps begin. */
  started(run: { readonly folder: string; readonly levels: readonly FinetunedLevel[] }): void;
  event(event: LevelEvent): void;
}

export interface FinetunedLevel {
  readonly level: string;
  /** Why its weights stay; `null` if they learn. */
  readonly frozen: string | null;
}

/** What is stored as `finetune.json` with the new run. */
export interface FinetuneReport {
  /** The run that was copied. */
  readonly from: string;
  readonly steps: number;
  /** Steps of the checkpoint that was taken: the best scored one. */
  readonly step: number;
  readonly batch: number;
  readonly rate: number;
  readonly seed: number;
  readonly levels: readonly FinetunedLevel[];
  readonly before: GapReport;
  readonly after: GapReport;
}

export type FinetuneResult =
  | { readonly status: 'done'; readonly folder: string; readonly report: FinetuneReport }
  | { readonly status: 'stopped' | 'diverged'; readonly folder: string; readonly step: number };

/**
 * Fine-tune the levels of a trained run together, or go on where that stopped.
 *
 * @throws {LapyraError} `LAPYRA_FINETUNE_FROZEN` if no level can learn, `LAPYRA_RUN_*`, `LAPYRA_CHECKPOINT_*`, …
 */
export async function finetuneRun(
  request: FinetuneRequest,
  hooks: FinetuneHooks,
): Promise<FinetuneResult> {
  // All of tfjs, and sharp: not for the sake of lapyra status.
  const { jointTraining, selectRows, tunedStates } = await import('@lapyra/nn');
  const { imageGrid, writePng } = await import('@lapyra/images');
  const { steps, batch, rate, seed, signal } = request;
  const project = findProject(request.folder);
  const from = findRun(project.folder, request.run);
  const old = await openStoredRun(from);
  const { whitening, shape } = old;
  const pyramid = await createPyramid(project, old.config, shape, { whitening });
  const { first, end, levels } = chainOf(pyramid.levels);
  const trained = await Promise.all(
    pyramid.levels.map(async (level) => {
      const { checkpoint, notices } = await bestCheckpoint(old.paths, level);
      for (const line of notices) hooks.notice(line);
      return { level, checkpoint };
    }),
  );
  const choice = await selectBackend(await listBackends(project), request.backend, 'train');
  const store = await openRunImages(project, old, hooks);
  const engine = await choice.backend.open(
    request.threads === undefined ? {} : { threads: request.threads },
  );
  try {
    const name = request.name ?? `${old.config.name}-finetuned`;
    const config = copiedConfig(old, name, relative(project.folder, from), pyramid, trained);
    const paths = await copyRun();
    const sizes = pyramid.levels.map(({ place }) => place.size);
    const chained = trained.slice(first, end);
    const chain = chained.map(({ level, checkpoint }) => ({ level, state: checkpoint.state }));
    const joint = jointTraining({
      levels: chain,
      transform: pyramid.transform,
      sizes: sizes.slice(0, end),
      batch,
      rate,
    });
    const folder = join(paths.folder, 'finetune');
    hooks.started({ folder: paths.folder, levels });
    const outcome: LevelOutcome = await trainLevel({
      job: {
        index: end - 1,
        sizes,
        flip: old.config.data.flip,
        seed,
        steps,
        scoreImages: Math.min(1000, Math.max(4, request.images)),
        signature: `joint-${batch}-${rate}-${levels.map(({ level }) => level).join('-')}`,
        versions: {},
      },
      level: joint,
      transform: pyramid.transform,
      store,
      whitening,
      engine,
      folder,
      signal,
      emit: (event) => hooks.event(event),
      scored: first === 0,
      ...(first > 0 ? { mixing: (begun) => startImages(levelPaths(folder).generated, begun) } : {}),
      writePicture: (file, picture) =>
        writePng(
          file,
          imageGrid({ ...picture, scale: Math.max(1, Math.round(64 / Math.max(...picture.size))) }),
        ),
    });
    if (outcome.status !== 'done')
      return { status: outcome.status, folder: paths.folder, step: outcome.step };
    const tuned = await loadBestCheckpoint(levelPaths(folder).checkpoints);
    const { step, state } = tuned!.checkpoint;
    await publish(paths, chained, tunedStates(chain, state), step);
    const gap = { folder: request.folder, images: request.images, rounds: request.rounds, seed: 1 };
    const measured = { ...gap, backend: request.backend };
    const report: FinetuneReport = {
      from: old.config.name,
      steps,
      step,
      batch,
      rate,
      seed,
      levels,
      before: await measureGap({ ...measured, run: from }, hooks),
      after: await measureGap({ ...measured, run: paths.folder }, hooks),
    };
    await writeJsonDurably(join(paths.folder, 'finetune.json'), report);
    return { status: 'done', folder: paths.folder, report };

    async function copyRun(): Promise<RunPaths> {
      const run = await createRun({
        folder: join(runsFolder(project.folder), name),
        config: storedConfig(config, shape),
        manifest: {
          versions: { node: process.versions.node },
          processor: choice.device,
          backend: choice.backend.id,
          threads: request.threads ?? 1,
          seed,
          data: old.data,
          ...(old.captions === null ? {} : { captions: old.captions }),
        },
      });
      try {
        for (const line of run.notices) hooks.notice(line);
        if (!run.whitening) await writeWhitening(run.paths, whitening);
        if (!existsSync(join(run.paths.folder, 'finetune')))
          await takeOverLevels(project.folder, run.paths, config, { notice: () => undefined });
        await writeLevelRecords(run.paths, { ...pyramid, config }, whitening);
      } finally {
        run.release();
      }
      return run.paths;
    }

    /** What the frozen levels below the chain draw, beforehand. */
    async function startImages(file: string, begun: boolean): Promise<CoarseMixing | null> {
      const known = await loadCoarsePool(file, begun);
      if (known) return { share: 1, pool: known, select: selectRows };
      const below = { ...old, run: old.config.name, levels: pyramid.levels.slice(0, first) };
      const pool = await drawCoarsePool({
        levels: await sourceStates({ ...below, transform: pyramid.transform }),
        transform: pyramid.transform,
        engine,
        store,
        images: 5000,
        seed,
        name: 'finetune',
        signal,
        progress: () => undefined,
      });
      if (!pool) return null;
      await saveCoarsePool(file, pool, { run: old.config.name, steps: {} });
      return { share: 1, pool, select: selectRows };
    }
  } finally {
    await engine.dispose();
    store.close();
  }
}

/** The levels that can learn together, one above the other: the uppermost such with a critic among them. */
function chainOf(levels: readonly Level[]): {
  readonly first: number;
  /** One above the last. */
  readonly end: number;
  readonly levels: readonly FinetunedLevel[];
} {
  const onHost = levels.map(({ sampler }) => 'kind' in sampler);
  const judges = levels.map(({ training }) => training?.kind === 'steps' && !!training.critic);
  let end = levels.length;
  let first = end;
  while (end > 0) {
    first = end;
    while (first > 0 && !onHost[first - 1]) first -= 1;
    if (judges.slice(first, end).includes(true)) break;
    end = Math.max(0, first - 1);
    first = end;
  }
  const described = levels.map(({ place }, index) => ({
    level: sizeName(place.size),
    frozen: onHost[index]
      ? 'runs on the host'
      : index < first || index >= end
        ? 'stands apart, beyond a level that runs on the host'
        : judges[index]
          ? null
          : 'names no critic',
  }));
  if (end > 0 && first < end) return { first, end, levels: described };
  throw new LapyraError(
    'LAPYRA_FINETUNE_FROZEN',
    `finetune: expected a level that can learn with the others, got ${described.map(({ level, frozen }) => `${level}, which ${frozen}`).join('; ')}.`,
    { hint: 'Levels of adversarial plugins have what it takes.' },
  );
}

/** The old run's config under a new name, each level with where it comes from. */
function copiedConfig(
  { config, whitening }: StoredRun,
  name: string,
  from: string,
  { levels, transform }: Pyramid,
  trained: readonly { readonly checkpoint: Checkpoint }[],
): ResolvedConfig {
  const sizes = config.levels.map(({ size }) => size);
  return {
    ...config,
    name,
    levels: config.levels.map((level, index): ResolvedLevel => {
      const { step, scores } = trained[index]!.checkpoint;
      const { place } = levels[index]!;
      return {
        ...level,
        steps: Math.max(1, step),
        origin: {
          from: join(from, 'levels', level.name),
          run: config.name,
          step,
          score: bestScore(scores),
          fit: fitSignature(place, { sizes, transform: transform.plain, whitening }),
        },
      };
    }),
  };
}

/** Put what was tuned in the place of the copied checkpoints, once. */
async function publish(
  paths: RunPaths,
  chain: readonly { readonly level: Level; readonly checkpoint: Checkpoint }[],
  states: readonly TensorValues[],
  step: number,
): Promise<void> {
  for (const [index, { level, checkpoint }] of chain.entries()) {
    if (!(level.training as StepTraining | null)?.critic) continue;
    const { checkpoints } = paths.level(sizeName(level.place.size));
    const target = checkpoint.step + step;
    const last = await loadLastCheckpoint(checkpoints);
    if (last?.checkpoint.step === target) continue; // it was put there before
    // Without scores: those of the copied checkpoint are of other weights, and would choose it.
    await saveCheckpoint(checkpoints, {
      ...checkpoint,
      step: target,
      scores: [],
      state: states[index]!,
    });
  }
}
