import { LapyraError, sizeName } from '@lapyra/core';
import {
  type ImageSplit,
  type LevelLikelihood,
  levelLikelihood,
  openImageStore,
} from '@lapyra/training';
import { pickLevels } from './open-config.js';
import { openTrainedRun } from './open-trained-run.js';
import { prepareData, type WorkHooks } from './prepare-data.js';
import { findProject } from './project.js';

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
  readonly folder: string;
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
  const { folder, run: wanted, split, backend } = request;
  const run = await openTrainedRun({
    folder,
    backend,
    ...(wanted === undefined ? {} : { run: wanted }),
  });
  try {
    const { config, levels, transform, whitening, engine } = run;
    const knowing = levels.filter(({ likelihood }) => likelihood);
    const names =
      request.levels.length > 0
        ? pickLevels(config, request.levels)
        : knowing.map(({ place }) => sizeName(place.size));
    if (names.length === 0)
      throw new LapyraError(
        'LAPYRA_LIKELIHOOD_LEVEL',
        `run ${run.folder}: expected a level that knows how probable an image is, got ${config.levels.map(({ name, model }) => `${model.use} at ${name}`).join(', ')}.`,
        { hint: 'Autoregressive levels know it.' },
      );
    const data = await prepareData(findProject(folder), config, hooks);
    const { validation } = config.data;
    const store = openImageStore(await data.store(), validation === null ? {} : { validation });
    try {
      const count = request.count ?? store.count[split];
      const found: MeasuredLikelihood[] = [];
      for (const name of names) {
        const index = config.levels.findIndex((level) => level.name === name);
        const { state, notices } = await run.state(name);
        for (const line of notices) hooks.notice(line);
        const measured = await levelLikelihood({
          level: levels[index]!,
          transform: transform.plain,
          store,
          whitening,
          job: { sizes: config.levels.map(({ size }) => size), index },
          engine,
          state,
          split,
          count,
          progress: (work) =>
            hooks.progress({ ...work, what: `level ${name}: ${work.what}`, unit: 'images' }),
        });
        found.push({ level: name, model: config.levels[index]!.model.use, ...measured });
      }
      return { folder: run.folder, split, levels: found };
    } finally {
      store.close();
    }
  } finally {
    await run.dispose();
  }
}
