import { type FeatureNet, LapyraError } from '@lapyra/core';
import { createPlugin } from '../plugins/create-plugin.js';
import { listPluginPackages } from '../plugins/plugin-package.js';
import type { Project } from '../project.js';

/**
 * The feature net of this reference, `package#export`, with its default options; `true`: the one that the project has
 * installed.
 *
 * @throws {LapyraError} `LAPYRA_REUSE_FEATURES` if it has none, or several; `LAPYRA_PLUGIN_*`
 */
export async function openFeatureNet(project: Project, asked: string | true): Promise<FeatureNet> {
  const use = asked === true ? installed(project) : asked;
  return createPlugin(project, 'features', { use, options: {} }, undefined);
}

function installed(project: Project): string {
  const found = listPluginPackages(project).flatMap(({ name, plugins }) =>
    Object.entries(plugins).flatMap(([key, kind]) => (kind === 'features' ? `${name}#${key}` : [])),
  );
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  throw new LapyraError(
    'LAPYRA_REUSE_FEATURES',
    `features: expected one feature net among the dependencies of ${project.folder}, got ${found.join(', ') || 'none'}.`,
    {
      hint: first
        ? `Name one: --features ${first}`
        : 'Install one with: npm install @lapyra/features-cifar10',
    },
  );
}
