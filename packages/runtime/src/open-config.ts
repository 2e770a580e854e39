import { basename, dirname } from 'node:path';
import { LapyraError, nearestName, parseReference } from '@lapyra/core';
import { applySettings } from './config/apply-settings.js';
import { checkConfig } from './config/check-config.js';
import { loadConfig } from './config/load-config.js';
import { type ResolvedConfig, resolveConfig } from './config/resolved-config.js';
import { findPluginPackage } from './plugins/plugin-package.js';
import { findProject, type Project } from './project.js';

export interface OpenConfigOptions {
  readonly folder: string;
  /** A config file other than `lapyra.config.*` in the folder. */
  readonly file?: string;
  /** `a.b=c`, as on the command line. */
  readonly settings?: readonly string[];
  readonly name?: string;
  readonly seed?: number;
  readonly backend?: string;
  /** Steps for every level. */
  readonly steps?: number;
}

export interface OpenConfig {
  readonly file: string;
  readonly project: Project;
  readonly config: ResolvedConfig;
}

/**
 * Read, change, check and fill in a project's config.
 *
 * @throws {LapyraError} `LAPYRA_CONFIG_*`, `LAPYRA_PROJECT_*`, `LAPYRA_PLUGIN_*`
 */
export async function openConfig(options: OpenConfigOptions): Promise<OpenConfig> {
  const { file, value } = await loadConfig(options.folder, options.file);
  const project = findProject(dirname(file));
  const changed = applySettings(value, options.settings ?? []);
  const config = checkConfig(changed, basename(file));
  const resolved = resolveConfig(config, {
    name: basename(project.folder),
    versionOf: (use) => findPluginPackage(project, parseReference(use).packageName).version,
  });
  return {
    file,
    project,
    config: {
      ...resolved,
      name: options.name ?? resolved.name,
      seed: options.seed ?? resolved.seed,
      backend: options.backend ?? resolved.backend,
      levels: resolved.levels.map((level) =>
        options.steps === undefined ? level : { ...level, steps: options.steps },
      ),
    },
  };
}

/**
 * The levels of a config with these names; all if none are given.
 *
 * @throws {LapyraError} `LAPYRA_LEVEL_UNKNOWN`
 */
export function pickLevels(config: ResolvedConfig, wanted: readonly string[]): readonly string[] {
  const names = config.levels.map(({ name }) => name);
  for (const name of wanted) {
    if (names.includes(name)) continue;
    const near = nearestName(name, names);
    throw new LapyraError(
      'LAPYRA_LEVEL_UNKNOWN',
      `level: expected one of ${names.join(', ')}, got '${name}'.`,
      {
        hint: near ? `Did you mean ${near}?` : 'A level is called by its size.',
      },
    );
  }
  return wanted.length > 0 ? names.filter((name) => wanted.includes(name)) : names;
}
