// The parent of a training run: it prepares, starts one process a level, and only watches and reports from then on.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { LapyraError, type Whitening } from '@lapyra/core';
import {
  type Baselines,
  createLocalExecutor,
  createRun,
  type LevelEvent,
  type LevelReport,
  runPaths,
  type ScoreRecord,
  writeWhitening,
} from '@lapyra/training';
import { type BackendChoice, listBackends, selectBackend } from './composition/backends.js';
import { createPyramid } from './composition/pyramid.js';
import type { ResolvedConfig } from './config/resolved-config.js';
import { type LevelEnding, levelEnding } from './level-ending.js';
import type { LevelProcessJob } from './level-process-job.js';
import { measureRunWhitening } from './measure-run-whitening.js';
import { checkPoolSources } from './mixing/pool-source.js';
import { trainingOrder } from './mixing/training-order.js';
import { openConfig, type OpenConfigOptions, pickTrainedLevels } from './open-config.js';
import { listPluginPackages } from './plugins/plugin-package.js';
import { prepareData, type WorkHooks } from './prepare-data.js';
import type { Project } from './project.js';
import { runStatus } from './run-status.js';
import { runsFolder } from './stored/find-run.js';
import { checkStoredVersions } from './stored/check-stored-versions.js';
import { writeLevelRecords } from './stored/level-record.js';
import { knownWhitening, takeOverLevels } from './stored/swapped-level.js';
import { storedConfig } from './stored/stored-run.js';
import { stepCost } from './step-cost.js';

export interface TrainRequest extends OpenConfigOptions {
  /** Names of the levels to train; all if empty. */
  readonly levels: readonly string[];
  /** Levels at once. Default: the number of cores. */
  readonly jobs?: number;
  /** Move an old run aside and begin anew. */
  readonly fresh: boolean;
  /** Accept plugins of another major version than the run was made with. */
  readonly anyVersion: boolean;
  /** Aborted: stop at the next step, with checkpoints. */
  readonly stop: AbortSignal;
  /** Aborted: end all processes at once. */
  readonly kill: AbortSignal;
}

export interface TrainHooks extends WorkHooks {
  /** Everything is ready and the levels are about to start. */
  started(run: {
    readonly folder: string;
    /** The line that says which backend was chosen and why. */
    readonly backend: string;
    readonly levels: readonly { readonly name: string; readonly steps: number }[];
  }): void;
  /** A level cannot begin before others are done, since it learns on what they draw. */
  waiting?(level: string, names: readonly string[]): void;
  event(level: string, event: LevelEvent): void;
  /** A level's process is gone. */
  ended(level: string, ending: LevelEnding): void;
}

/** How one level ended. */
export interface TrainedLevelReport extends LevelEnding {
  readonly name: string;
  readonly step: number;
  readonly steps: number;
  readonly best: ScoreRecord | null;
  readonly baselines: Baselines | null;
}

export interface TrainResult {
  readonly folder: string;
  readonly levels: readonly TrainedLevelReport[];
}

/**
 * Train the levels of a pyramid, or go on where they stopped. A level that fails does not stop the others: how each ended
 * is in the result.
 *
 * @throws {LapyraError} whatever is wrong before the levels start: config, plugins, data, backend, run folder
 */
export async function trainRun(request: TrainRequest, hooks: TrainHooks): Promise<TrainResult> {
  const { project, config } = await openConfig(request);
  const names = pickTrainedLevels(config, request.levels);
  const folder = join(runsFolder(project.folder), config.name);
  if (!request.fresh && !request.anyVersion) await checkStoredVersions(project, folder);
  const data = await prepareData(project, config, hooks, {
    anyVersion: request.anyVersion,
    signal: request.stop,
  });
  const known = await knownWhitening(project.folder, config, request.fresh);
  const pyramid = await createPyramid(project, config, data.shape, {
    anyVersion: request.anyVersion,
    ...(known.whitening && { whitening: known.whitening }),
  });
  const pools = {
    project,
    pyramid,
    names,
    paths: runPaths(folder),
    anyVersion: request.anyVersion,
    fresh: request.fresh,
  };
  const order = await trainingOrder(pools);
  await checkPoolSources({ ...pools, whitening: known.whitening });
  const choice = await selectBackend(await listBackends(project), config.backend, 'train');
  const versions = installedVersions(project);
  const cores = availableParallelism();
  const jobs = Math.max(1, Math.min(request.jobs ?? cores, names.length));
  // Which level is the longest matters where one has to wait for another. A new run is looked at in any case: what cannot
  // be traced is refused before anything is written.
  const isNew = !known.whitening || known.broughtBy !== null;
  const costs = isNew || jobs < names.length ? await levelCosts(choice, pyramid, data.shape) : [];
  const store = await data.store();
  const captions = await data.captions?.store(() => choice.backend.open({ threads: 1 }));
  const run = await createRun({
    folder,
    config: storedConfig(config, data.shape),
    manifest: {
      versions,
      processor: choice.device,
      backend: choice.backend.id,
      threads: Math.max(1, Math.floor(cores / jobs)),
      seed: config.seed,
      data: data.fingerprint,
      ...(data.captions ? { captions: data.captions.fingerprint } : {}),
    },
    fresh: request.fresh,
  });
  try {
    for (const line of run.notices) hooks.notice(line);
    const whitening =
      run.whitening ??
      known.whitening ??
      (await measureWhitening(config, store, data.shape.size, hooks));
    if (!run.whitening) await writeWhitening(run.paths, whitening);
    if (known.broughtBy)
      hooks.notice(
        `images are normalised as for level ${known.broughtBy.name} in run ${known.broughtBy.origin?.run}`,
      );
    await takeOverLevels(project.folder, run.paths, config, hooks);
    await writeLevelRecords(run.paths, pyramid, whitening);
    await checkPoolSources({ ...pools, whitening });
  } finally {
    run.release(); // the levels have locks of their own
  }

  const executor = createLocalExecutor({
    childUrl: new URL('./level-child.js', import.meta.url),
    jobs,
    onEvent: (level, event) => {
      if (event.kind === 'ended')
        hooks.ended(level, levelEnding(event.report, request.kill.aborted));
      else if (event.kind === 'waiting') hooks.waiting?.(level, event.for);
      else if (event.kind !== 'started') hooks.event(level, event);
    },
  });
  const stop = (): void => executor.stop();
  const kill = (): void => executor.kill();
  request.stop.addEventListener('abort', stop);
  request.kill.addEventListener('abort', kill);
  try {
    hooks.started({
      folder,
      backend: choice.notice,
      levels: config.levels
        .filter(({ name }) => names.includes(name))
        .map(({ name, steps }) => ({ name, steps })),
    });
    if (request.stop.aborted) executor.stop();
    const reports = await executor.run(
      names.map((name) => {
        const index = config.levels.findIndex((level) => level.name === name);
        const payload: LevelProcessJob = {
          project: project.folder,
          run: folder,
          index,
          store,
          captions: captions ?? null,
          backend: choice.backend.id,
          anyVersion: request.anyVersion,
          versions,
        };
        const after = order.get(name) ?? [];
        return { level: name, cost: costs[index] ?? 0, after, payload: { ...payload } };
      }),
    );
    return {
      folder,
      levels: await describe(reports, project, folder, request.kill.aborted, hooks),
    };
  } finally {
    request.stop.removeEventListener('abort', stop);
    request.kill.removeEventListener('abort', kill);
  }
}

async function measureWhitening(
  { data, seed }: ResolvedConfig,
  store: string,
  crop: readonly [number, number],
  hooks: WorkHooks,
): Promise<Whitening> {
  const request = { kind: data.whitening, store, validation: data.validation, crop, seed };
  return measureRunWhitening(request, (done, total) =>
    hooks.progress({ what: 'measuring the images', done, total, unit: 'images' }),
  );
}

/** Operations of each level's whole training: the longest begins first. */
async function levelCosts(
  { backend }: BackendChoice,
  pyramid: Parameters<typeof stepCost>[0],
  shape: Parameters<typeof stepCost>[2],
): Promise<readonly number[]> {
  const engine = await backend.open({ threads: 1 });
  try {
    const costs: number[] = [];
    for (const [index, { steps, origin }] of pyramid.config.levels.entries()) {
      const cost = origin ? null : await stepCost(pyramid, index, shape, engine);
      costs.push((cost?.flop ?? 0) * steps);
    }
    return costs;
  } finally {
    await engine.dispose();
  }
}

function installedVersions(project: Project): Record<string, string> {
  const plugins = listPluginPackages(project).map(({ name, version }) => [name, version] as const);
  return { node: process.versions.node, ...Object.fromEntries(plugins) };
}

async function describe(
  reports: readonly LevelReport[],
  project: Project,
  folder: string,
  killed: boolean,
  hooks: WorkHooks,
): Promise<readonly TrainedLevelReport[]> {
  const { levels } = await runStatus(project.folder, folder);
  return reports.map((report) => {
    const status = levels.find(({ name }) => name === report.level);
    if (!status)
      throw new LapyraError(
        'LAPYRA_LEVEL_UNKNOWN',
        `level: expected one of the run, got '${report.level}'.`,
      );
    const { name, step, steps, best, baselines, notices } = status;
    for (const line of notices) hooks.notice(`level ${name}: ${line}`);
    return { name, steps, best, baselines, step, ...levelEnding(report, killed) };
  });
}
