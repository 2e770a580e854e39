import {
  type Engine,
  LapyraError,
  type Level,
  sizeName,
  type Transform,
  type Whitening,
} from '@lapyra/core';
import { type LevelRunner, openTrainedLevel } from '@lapyra/sampling';
import { listBackends, selectBackend } from './composition/backends.js';
import { createPyramid, type DataShape } from './composition/pyramid.js';
import type { ResolvedConfig } from './config/resolved-config.js';
import { findProject } from './project.js';
import { findRun } from './stored/find-run.js';
import { openStoredRun } from './stored/stored-run.js';
import { type TrainedState, trainedState } from './stored/trained-state.js';

export interface OpenTrainedRunOptions {
  /** The project's folder, or one inside of it. */
  readonly folder: string;
  /** Name or folder of a run. Default: the one touched last. */
  readonly run?: string;
  /** Id of a backend. @default 'auto' */
  readonly backend?: string;
  /** Threads of the engine. Default: the backend's choice. */
  readonly threads?: number;
}

/** A trained run come to life: its levels and what they were trained with, for programs that measure or reuse them. */
export interface TrainedRun {
  readonly folder: string;
  readonly config: ResolvedConfig;
  readonly shape: DataShape;
  readonly whitening: Whitening;
  readonly transform: Transform;
  /** From coarse to fine. */
  readonly levels: readonly Level[];
  readonly engine: Engine;
  /** The state with which a level draws: its best checkpoint's, by the sampler's names. Read once. */
  state(level: string): Promise<TrainedState>;
  /** A level ready to draw with that state. Opened once; only these need to be trained. */
  runner(level: string): Promise<LevelRunner>;
  dispose(): Promise<void>;
}

/**
 * Open a trained run with an engine of its own, which is disposed of with it.
 *
 * @throws {LapyraError} `LAPYRA_RUN_*`, `LAPYRA_PLUGIN_*`, `LAPYRA_BACKEND_*`; of a level: `LAPYRA_LEVEL_UNKNOWN`,
 * `LAPYRA_RUN_UNTRAINED`
 */
export async function openTrainedRun(options: OpenTrainedRunOptions): Promise<TrainedRun> {
  const { backend: wanted = 'auto', threads } = options;
  const project = findProject(options.folder);
  const folder = findRun(project.folder, options.run);
  const { paths, config, shape, whitening } = await openStoredRun(folder);
  const { levels, transform } = await createPyramid(project, config, shape, { whitening });
  const { backend } = await selectBackend(await listBackends(project), wanted, 'sample');
  const engine = await backend.open(threads === undefined ? {} : { threads });
  const runners = new Map<string, Promise<LevelRunner>>();
  const states = new Map<string, Promise<TrainedState>>();
  const state = async (name: string): Promise<TrainedState> => {
    const read = states.get(name) ?? trainedState(paths, levelOf(levels, name));
    states.set(name, read);
    return read;
  };
  const open = async (name: string): Promise<LevelRunner> => {
    const level = levelOf(levels, name);
    return openTrainedLevel({ level, transform, engine, state: (await state(name)).state });
  };
  return {
    folder,
    config,
    shape,
    whitening,
    transform,
    levels,
    engine,
    state,
    runner: (name) => {
      const runner = runners.get(name) ?? open(name);
      runners.set(name, runner);
      return runner;
    },
    dispose: async () => {
      for (const runner of await Promise.allSettled(runners.values()))
        if (runner.status === 'fulfilled') await runner.value.dispose();
      await engine.dispose();
    },
  };
}

function levelOf(levels: readonly Level[], name: string): Level {
  const level = levels.find(({ place }) => sizeName(place.size) === name);
  if (level) return level;
  const names = levels.map(({ place }) => sizeName(place.size)).join(', ');
  throw new LapyraError('LAPYRA_LEVEL_UNKNOWN', `level: expected one of ${names}, got '${name}'.`, {
    hint: 'A level is called by its size.',
  });
}
