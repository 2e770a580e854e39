import { LapyraError } from '@lapyra/core';
import { type ImageStore, openImageStore, openRun } from '@lapyra/training';
import { prepareData, type WorkHooks } from '../prepare-data.js';
import { findProject, type Project } from '../project.js';
import { findRun } from '../stored/find-run.js';
import { openStoredRun, type StoredRun } from '../stored/stored-run.js';

export interface RunImages extends StoredRun {
  readonly project: Project;
  /** Of the run. */
  readonly folder: string;
  /** The images that it was trained on, and those kept aside; to be closed. */
  readonly store: ImageStore;
}

/**
 * A run together with its images.
 *
 * @throws {LapyraError} `LAPYRA_REUSE_DATA` if the dataset no longer has the images that the run was trained on;
 * `LAPYRA_RUN_*`, `LAPYRA_DATASET_*`, `LAPYRA_PLUGIN_*`
 */
export async function openRunImages(
  place: { readonly folder: string; readonly run?: string },
  hooks: WorkHooks,
): Promise<RunImages> {
  const project = findProject(place.folder);
  const folder = findRun(project.folder, place.run);
  const run = await openStoredRun(folder);
  const data = await prepareData(project, run.config, hooks);
  const { manifest } = await openRun(folder);
  if (data.fingerprint !== manifest.data) {
    throw new LapyraError(
      'LAPYRA_REUSE_DATA',
      `run ${folder}: expected the images that it was trained on (${manifest.data}), got others (${data.fingerprint}).`,
      { hint: `Bring the images of ${data.name} back to what they were.` },
    );
  }
  const { validation } = run.config.data;
  const store = openImageStore(await data.store(), validation === null ? {} : { validation });
  return { ...run, project, folder, store };
}
