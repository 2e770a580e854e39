import { entropyBits, noiseVariables, type Size } from '@lapyra/core';
import { type LevelNoise, measureLevelNoise } from '@lapyra/training';
import { listBackends, selectBackend } from './composition/backends.js';
import { createPyramid } from './composition/pyramid.js';
import { pickLevels } from './open-config.js';
import type { WorkHooks } from './prepare-data.js';
import { findProject } from './project.js';
import { findRun } from './stored/find-run.js';
import { openRunImages } from './stored/run-images.js';
import { openStoredRun } from './stored/stored-run.js';
import { trainedState } from './stored/trained-state.js';

export interface NoiseRequest {
  readonly folder: string;
  /** Name of a run, or its folder. Default: the run touched last. */
  readonly run?: string;
  /** Names of levels; none means all. */
  readonly levels: readonly string[];
  /** Validation images, at most. */
  readonly images: number;
  /** Draws from the coarse image of each. */
  readonly redraws: number;
  readonly backend: string;
}

/** What one level's noise is, and what comes of it. */
export interface LevelNoiseReport extends LevelNoise {
  readonly name: string;
  readonly size: Size;
  readonly coarse: Size | null;
  readonly model: string;
  /** The step of the checkpoint that draws. */
  readonly step: number;
  /** Noise that the level draws, bits per image. */
  readonly entropyBits: number;
  readonly noiseVariables: number;
  readonly pixels: number;
}

export interface NoiseReport {
  readonly run: string;
  readonly backend: string;
  readonly levels: readonly LevelNoiseReport[];
}

/**
 * For each level of a trained run, the share of its band's variance that its noise explains: E[Var(h | coarse)] ÷ Var(h),
 * over draws from the true coarse images of the validation set.
 *
 * @throws {LapyraError} `LAPYRA_RUN_*`, `LAPYRA_LEVEL_UNKNOWN`, `LAPYRA_SCORE_IMAGES`, `LAPYRA_BACKEND_*`
 */
export async function noiseReport(request: NoiseRequest, hooks: WorkHooks): Promise<NoiseReport> {
  const project = findProject(request.folder);
  const folder = findRun(project.folder, request.run);
  const run = await openStoredRun(folder);
  const names = pickLevels(run.config, request.levels);
  const pyramid = await createPyramid(project, run.config, run.shape, { whitening: run.whitening });
  const chosen = pyramid.levels
    .map((level, index) => ({ level, index, ...run.config.levels[index]! }))
    .filter(({ name }) => names.includes(name));
  const trained = await Promise.all(chosen.map(({ level }) => trainedState(run.paths, level)));
  for (const line of trained.flatMap(({ notices }) => notices)) hooks.notice(line);
  const { backend } = await selectBackend(await listBackends(project), request.backend, 'sample');
  const store = await openRunImages(project, run, hooks);
  const engine = await backend.open();
  const sizes = run.config.levels.map(({ size }) => size);
  try {
    const levels: LevelNoiseReport[] = [];
    for (const [place, { level, index, name, size, model }] of chosen.entries()) {
      const { state, step } = trained[place]!;
      const measured = await measureLevelNoise({
        level,
        transform: pyramid.transform.plain,
        store,
        whitening: run.whitening,
        job: { sizes, index },
        engine,
        state,
        seed: run.config.seed,
        images: request.images,
        redraws: request.redraws,
        progress: (done, total) =>
          hooks.progress({ what: `drawing at ${name}`, done, total, unit: 'rounds' }),
      });
      levels.push({
        name,
        size,
        coarse: level.place.coarse,
        model: model.use,
        step,
        entropyBits: entropyBits(level.noise),
        noiseVariables: noiseVariables(level.noise),
        pixels: size[0] * size[1],
        ...measured,
      });
    }
    return { run: folder, backend: backend.id, levels };
  } finally {
    await engine.dispose();
    store.close();
  }
}
