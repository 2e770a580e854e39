import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  type Descriptor,
  LapyraError,
  nearestName,
  parseReference,
  type PyramidConfig,
} from '@lapyra/core';
import { openRun, runPaths } from '@lapyra/training';
import { applySettings } from './config/apply-settings.js';
import { checkConfig, configError } from './config/check-config.js';
import { loadConfig } from './config/load-config.js';
import {
  type ResolvedConfig,
  resolveConfig,
  type ResolvedLevel,
  type StoredDescriptor,
} from './config/resolved-config.js';
import { checkPlugin } from './plugins/create-plugin.js';
import type { FileHashes } from './plugins/given-file.js';
import { findPluginPackage } from './plugins/plugin-package.js';
import { findProject, type Project } from './project.js';
import { runsFolder } from './stored/find-run.js';
import { readStoredConfig } from './stored/stored-run.js';
import { resolveSwappedLevel } from './stored/swapped-level.js';

export interface OpenConfigOptions {
  readonly folder: string;
  /** A config file other than `lapyra.config.*` in the folder. */
  readonly file?: string;
  /** `a.b=c`, as on the command line. */
  readonly settings?: readonly string[];
  readonly name?: string;
  readonly seed?: number;
  readonly backend?: string;
  /** Steps for every level that is trained. */
  readonly steps?: number;
  /** The run is begun anew: what an older one of its name says of levels from other runs does not count. @default false */
  readonly fresh?: boolean;
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
  const config = checkConfig(withFlags(changed, options), basename(file));
  const name = config.name ?? basename(project.folder);
  const swapped = await swappedLevels(project, config, name, options.fresh ?? false);
  const files = await checkPlugins(project, config, swapped, basename(file));
  const resolved = resolveConfig(config, {
    name,
    swapped,
    versionOf: (use) => findPluginPackage(project, parseReference(use).packageName).version,
    filesOf: (chosen) => files.get(chosen) ?? {},
  });
  return { file, project, config: resolved };
}

/** What flags of their own change, in a config that may still be anything. */
function withFlags(config: unknown, { name, seed, backend, steps }: OpenConfigOptions): unknown {
  if (typeof config !== 'object' || config === null) return config;
  const { levels } = config as { levels?: unknown };
  return {
    ...config,
    ...(name === undefined ? {} : { name }),
    ...(seed === undefined ? {} : { seed }),
    ...(backend === undefined ? {} : { backend }),
    ...(steps === undefined || !Array.isArray(levels)
      ? {}
      : {
          levels: levels.map((level: object | null) =>
            level !== null && typeof level === 'object' && 'from' in level
              ? level
              : { ...level, steps },
          ),
        }),
  };
}

/** The levels that come from other runs. A run that is there knows its own, wherever they were. */
async function swappedLevels(
  project: Project,
  { levels }: PyramidConfig,
  run: string,
  fresh: boolean,
): Promise<ReadonlyMap<string, ResolvedLevel>> {
  const found = new Map<string, ResolvedLevel>();
  const wanted = levels.flatMap(({ from }) => (from === undefined ? [] : [from]));
  if (wanted.length === 0) return found;
  const folder = join(runsFolder(project.folder), run);
  const stored =
    !fresh && existsSync(runPaths(folder).config)
      ? readStoredConfig((await openRun(folder)).config).levels
      : [];
  for (const from of wanted) {
    const known = stored.find(({ origin }) => origin?.from === from);
    found.set(from, known ?? (await resolveSwappedLevel(project.folder, from, run)));
  }
  return found;
}

/**
 * Look at all plugins of a config, so that all that is wrong is told at once.
 *
 * @returns the hashes of the files that each descriptor names
 */
async function checkPlugins(
  project: Project,
  { data, transform, condition, levels }: PyramidConfig,
  swapped: ReadonlyMap<string, ResolvedLevel>,
  subject: string,
): Promise<ReadonlyMap<Descriptor, FileHashes>> {
  const chosen = [
    { path: 'data.from', kind: 'dataset', descriptor: data.from },
    { path: 'transform', kind: 'transform', descriptor: transform },
    ...(typeof condition === 'object'
      ? [{ path: 'condition.text', kind: 'encoder', descriptor: condition.text } as const]
      : []),
    ...levels.map((level, index) => ({
      path: `levels[${index}].${level.from === undefined ? 'model' : 'from'}`,
      kind: 'level' as const,
      // That of another run was checked there; its version is compared when it is made.
      descriptor: level.model ?? withoutVersion(swapped.get(level.from)!.model),
    })),
  ] as const;
  const files = new Map<Descriptor, FileHashes>();
  const failures: { readonly path: string; readonly error: LapyraError }[] = [];
  for (const { path, kind, descriptor } of chosen) {
    try {
      files.set(descriptor, (await checkPlugin(project, kind, descriptor)).hashes);
    } catch (error) {
      if (!LapyraError.is(error)) throw error;
      failures.push({ path, error });
    }
  }
  const [first] = failures;
  if (!first) return files;
  // The same mistake in several levels is one to mend.
  if (failures.every(({ error }) => error.message === first.error.message)) throw first.error;
  throw configError(
    subject,
    failures.map(({ path, error }) => ({
      path,
      message: error.message.replaceAll('\n', '\n  '),
    })),
  );
}

function withoutVersion({ use, options }: StoredDescriptor): Descriptor {
  return { use, options };
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

/**
 * {@link pickLevels} for training: without those that come from other runs.
 *
 * @throws {LapyraError} `LAPYRA_LEVEL_UNKNOWN`; `LAPYRA_LEVEL_FROM` if such a one is asked for
 */
export function pickTrainedLevels(
  config: ResolvedConfig,
  wanted: readonly string[],
): readonly string[] {
  const names = pickLevels(config, wanted);
  return config.levels.flatMap(({ name, origin }) => {
    if (!names.includes(name)) return [];
    if (!origin) return [name];
    if (wanted.length === 0) return [];
    throw new LapyraError(
      'LAPYRA_LEVEL_FROM',
      `level ${name}: expected one that this run trains, got one that is taken from ${origin.from}.`,
    );
  });
}
