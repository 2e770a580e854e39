// The process of one level: it owns its engine, trains, and tells its parent. It reads everything from the run's folder, so
// that it can be killed and started anew alone.
import { imageGrid, writePng } from '@lapyra/images';
import { openImageStore, openRun, serveLevelJob, trainLevel } from '@lapyra/training';
import { fitSignature, LapyraError } from '@lapyra/core';
import { listBackends, selectBackend } from './composition/backends.js';
import { createPyramid } from './composition/pyramid.js';
import type { LevelProcessJob } from './level-process-job.js';
import { openLevelMixing } from './mixing/level-mixing.js';
import { findProject } from './project.js';
import { readStoredConfig } from './stored/stored-run.js';

await serveLevelJob(async ({ payload, threads, signal, emit }) => {
  const job = payload as unknown as LevelProcessJob; // made by trainRun, which has the same version
  const project = findProject(job.project);
  const { paths, config: stored, whitening } = await openRun(job.run);
  if (!whitening) {
    throw new LapyraError(
      'LAPYRA_RUN_UNTRAINED',
      `run ${job.run}: expected a measured whitening, got none.`,
    );
  }
  const { shape, ...config } = readStoredConfig(stored);
  const resolved = { ...config, backend: job.backend };
  const { anyVersion } = job;
  const pyramid = await createPyramid(project, resolved, shape, { anyVersion, whitening });
  const { levels, transform } = pyramid;
  const { backend } = await selectBackend(await listBackends(project), job.backend, 'train');
  const { index } = job;
  const level = levels[index]!;
  const { name, steps, checkpointEvery, scoreEvery, scoreImages, nearest, generatedCoarse } =
    config.levels[index]!;
  const sizes = config.levels.map(({ size }) => size);
  const signature = fitSignature(level.place, { sizes, transform: transform.plain, whitening });
  const { validation } = config.data;
  const store = openImageStore(job.store, {
    captions: job.captions,
    ...(validation === null ? {} : { validation }),
  });
  const engine = await backend.open({ threads });
  try {
    return await trainLevel({
      job: {
        index,
        sizes,
        flip: config.data.flip,
        seed: config.seed,
        steps,
        checkpointEvery,
        scoreEvery,
        scoreImages,
        nearest,
        signature: `${signature.expectsHash ?? 'first'}-${signature.givesHash}`,
        versions: job.versions,
      },
      level,
      transform,
      store,
      whitening,
      engine,
      folder: paths.level(name).folder,
      signal,
      emit,
      ...(generatedCoarse && {
        mixing: (begun: boolean) =>
          openLevelMixing(
            { project, pyramid, index, whitening, anyVersion, paths, store, engine, signal, emit },
            generatedCoarse,
            begun,
          ),
      }),
      writePicture: (file, picture) =>
        writePng(
          file,
          imageGrid({ ...picture, scale: Math.max(1, Math.round(64 / Math.max(...picture.size))) }),
        ),
    });
  } finally {
    await engine.dispose();
    store.close();
  }
});
