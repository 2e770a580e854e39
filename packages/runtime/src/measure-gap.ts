import type { LevelRunner } from '@lapyra/sampling';
import { type ExposureGap, measureExposureGap } from '@lapyra/training';
import { openTrainedRun } from './open-trained-run.js';
import type { WorkHooks } from './prepare-data.js';
import { findProject } from './project.js';
import { openRunImages } from './stored/run-images.js';
import { openStoredRun } from './stored/stored-run.js';

export interface GapRequest {
  readonly folder: string;
  /** Name of a run, or its folder. Default: the run touched last. */
  readonly run?: string;
  /** Validation images, at most; as many others are real ones to compare with. */
  readonly images: number;
  /** How often everything is drawn. */
  readonly rounds: number;
  readonly seed: number;
  readonly backend: string;
  /** Threads of the engine. Default: the backend's choice. */
  readonly threads?: number;
}

export interface GapReport extends ExposureGap {
  readonly run: string;
  readonly seed: number;
}

/**
 * How much worse the levels of a trained run are on coarse images that those below them draw than on true ones, and at
 * which level the quality of its samples is lost.
 *
 * @throws {LapyraError} `LAPYRA_RUN_*`, `LAPYRA_SCORE_IMAGES`, `LAPYRA_BACKEND_*`
 */
export async function measureGap(request: GapRequest, hooks: WorkHooks): Promise<GapReport> {
  const { images, rounds, seed, backend, threads } = request;
  const trained = await openTrainedRun({
    folder: request.folder,
    ...(request.run === undefined ? {} : { run: request.run }),
    backend,
    ...(threads === undefined ? {} : { threads }),
  });
  try {
    const { levels, transform, whitening, config } = trained;
    const runners: LevelRunner[] = [];
    for (const { name } of config.levels) {
      for (const line of (await trained.state(name)).notices) hooks.notice(line);
      runners.push(await trained.runner(name));
    }
    const project = findProject(request.folder);
    const store = await openRunImages(project, await openStoredRun(trained.folder), hooks);
    try {
      const gap = await measureExposureGap({
        levels,
        transform: transform.plain,
        store,
        whitening,
        images,
        rounds,
        seed,
        draw: (index, inputs) => runners[index]!.run(inputs),
        progress: (done, total) =>
          hooks.progress({ what: 'drawing from every level', done, total, unit: 'rounds' }),
      });
      return { run: trained.folder, seed, ...gap };
    } finally {
      store.close();
    }
  } finally {
    await trained.dispose();
  }
}
