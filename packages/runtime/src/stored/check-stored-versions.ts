import { existsSync } from 'node:fs';
import { openRun, runPaths } from '@lapyra/training';
import { checkVersion } from '../plugins/create-plugin.js';
import { findPluginPackage } from '../plugins/plugin-package.js';
import type { Project } from '../project.js';
import { parseReference } from '@lapyra/core';
import type { StoredConfig } from './stored-run.js';

/**
 * Refuse to go on with a run that was made with another major version of one of its plugins. A folder that is not there
 * yet is fine.
 *
 * @throws {LapyraError} `LAPYRA_PLUGIN_VERSION`, `LAPYRA_RUN_NOT_A_RUN`
 */
export async function checkStoredVersions(project: Project, folder: string): Promise<void> {
  if (!existsSync(runPaths(folder).config)) return;
  const { data, transform, condition, levels } = (await openRun(folder))
    .config as unknown as StoredConfig;
  const texts = typeof condition === 'object' ? [condition.text] : [];
  for (const chosen of [data.from, transform, ...texts, ...levels.map(({ model }) => model)]) {
    // What the run no longer uses is a difference of the config, and is told as such.
    const { packageName } = parseReference(chosen.use);
    if (project.dependencies.includes(packageName))
      checkVersion(chosen, findPluginPackage(project, packageName));
  }
}
