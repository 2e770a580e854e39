import { LapyraError } from '@lapyra/core';
import { type ImageSplit, type LevelLikelihood, levelLikelihood } from '@lapyra/training';
import { listBackends, selectBackend } from './composition/backends.js';
import { createPyramid } from './composition/pyramid.js';
import { pickLevels } from './open-config.js';
import type { WorkHooks } from './prepare-data.js';
import { findProject } from './project.js';
import { findRun } from './stored/find-run.js';
import { openRunImages } from './stored/run-images.js';
import { openStoredRun } from './stored/stored-run.js';
import { trainedState } from './stored/trained-state.js';

export interface LikelihoodRequest {
  readonly folder: string;
  /** Name or folder of a run. Default: the one touched last. */
  readonly run?: string;
  /** Names of levels. If empty: all that know likelihoods. */
  readonly levels: readonly string[];
  /** Images that nothing was trained on. `validation` was kept aside, and looked at for scores. */
  readonly split: Exclude<ImageSplit, 'train'>;
  /** How many of them. Default: all. */
  readonly count?: number;
  readonly backend: string;
}

/** What one level was found to know. */
export interface MeasuredLikelihood extends LevelLikelihood {
  readonly level: string;
  readonly model: string;
}

export interface LikelihoodResult {
  readonly run: string;
  readonly backend: string;
  readonly split: LikelihoodRequest['split'];
  readonly levels: readonly MeasuredLikelihood[];
}

/**
 * How many bits the levels of a trained run need to tell images of its dataset, at their own sizes.
 *
 * @throws {LapyraError} `LAPYRA_LIKELIHOOD_*`, `LAPYRA_LEVEL_UNKNOWN`, `LAPYRA_RUN_*`, `LAPYRA_DATASET_*`, `LAPYRA_BACKEND_*`
 */
export async function measureLikelihood(
  request: LikelihoodRequest,
  hooks: WorkHooks,
): Promise<LikelihoodResult> {
  const { split, backend: wanted } = request;
  const project = findProject(request.folder);
  const folder = findRun(project.folder, request.run);
  const run = await openStoredRun(folder);
  const { config, whitening } = run;
  const named = pickLevels(config, request.levels);
  const { levels, transform } = await createPyramid(project, config, run.shape, { whitening });
  const chosen = levels
    .map((level, index) => ({ level, index, ...config.levels[index]! }))
    .filter(({ level, name }) =>
      request.levels.length > 0 ? named.includes(name) : level.likelihood,
    );
  if (chosen.length === 0)
    throw new LapyraError(
      'LAPYRA_LIKELIHOOD_LEVEL',
      `run ${config.name}: expected a level that knows how probable an image is, got ${config.levels.map(({ name, model }) => `${model.use} at ${name}`).join(', ')}.`,
      { hint: 'Autoregressive levels know it.' },
    );
  const trained = await Promise.all(chosen.map(({ level }) => trainedState(run.paths, level)));
  for (const line of trained.flatMap(({ notices }) => notices)) hooks.notice(line);
  const { backend } = await selectBackend(await listBackends(project), wanted, 'sample');
  const store = await openRunImages(project, run, hooks);
  const engine = await backend.open();
  const sizes = config.levels.map(({ size }) => size);
  try {
    const found: MeasuredLikelihood[] = [];
    for (const [place, { level, index, name, model }] of chosen.entries()) {
      const measured = await levelLikelihood({
        level,
        transform: transform.plain,
        store,
        whitening,
        job: { sizes, index },
        engine,
        state: trained[place]!.state,
        split,
        count: request.count ?? store.count[split],
        progress: (work) =>
          hooks.progress({ ...work, what: `level ${name}: ${work.what}`, unit: 'images' }),
      });
      found.push({ level: name, model: model.use, ...measured });
    }
    return { run: folder, backend: backend.id, split, levels: found };
  } finally {
    await engine.dispose();
    store.close();
  }
}
