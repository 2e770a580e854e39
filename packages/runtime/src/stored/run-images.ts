import { basename } from 'node:path';
import { LapyraError } from '@lapyra/core';
import { type ImageStore, openImageStore } from '@lapyra/training';
import { listBackends, selectBackend } from '../composition/backends.js';
import { prepareData, type WorkHooks } from '../prepare-data.js';
import type { Project } from '../project.js';
import type { StoredRun } from './stored-run.js';

/**
 * The images of a run, split as they were for its training; to be closed by the caller.
 *
 * @throws {LapyraError} `LAPYRA_RUN_DATA` if the dataset has others by now, `LAPYRA_DATASET_*`, `LAPYRA_DATA_*`
 */
export async function openRunImages(
  project: Project,
  { paths, config, data }: StoredRun,
  hooks: WorkHooks,
): Promise<ImageStore> {
  const prepared = await prepareData(project, config, hooks);
  if (prepared.fingerprint !== data) {
    throw new LapyraError(
      'LAPYRA_RUN_DATA',
      `run ${basename(paths.folder)}: expected the images that it was started with (${data}), got others (${prepared.fingerprint}).`,
      { hint: 'Put the images back as they were: the run knows no others.' },
    );
  }
  const { validation } = config.data;
  const captions = await prepared.captions?.store(async () => {
    const { backend } = await selectBackend(await listBackends(project), 'auto', 'sample');
    return backend.open({ threads: 1 });
  });
  return openImageStore(await prepared.store(), {
    ...(captions === undefined ? {} : { captions }),
    ...(validation === null ? {} : { validation }),
  });
}
