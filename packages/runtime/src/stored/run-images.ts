import { basename } from 'node:path';
import { LapyraError } from '@lapyra/core';
import { type ImageStore, openImageStore } from '@lapyra/training';
import { listBackends, selectBackend } from '../composition/backends.js';
import { prepareData, type WorkHooks } from '../prepare-data.js';
import type { Project } from '../project.js';
import type { StoredRun } from './stored-run.js';

/**
 * The images of a run, split as they were for its training, with their captions if its levels are told of them; to be
 * closed by the caller.
 *
 * @throws {LapyraError} `LAPYRA_RUN_DATA` if the dataset has other images or captions by now, `LAPYRA_DATASET_*`,
 * `LAPYRA_DATA_*`
 */
export async function openRunImages(
  project: Project,
  { paths, config, data, captions: told }: StoredRun,
  hooks: WorkHooks,
): Promise<ImageStore> {
  const prepared = await prepareData(project, config, hooks);
  const refuse = (what: string, expected: string, got: string): never => {
    throw new LapyraError(
      'LAPYRA_RUN_DATA',
      `run ${basename(paths.folder)}: expected the ${what} that it was started with (${expected}), got others (${got}).`,
      { hint: `Put the ${what} back as they were: the run knows no others.` },
    );
  };
  if (prepared.fingerprint !== data) refuse('images', data, prepared.fingerprint);
  const fingerprint = prepared.captions?.fingerprint ?? null;
  if (fingerprint !== told) refuse('captions', told ?? 'none', fingerprint ?? 'none');
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
