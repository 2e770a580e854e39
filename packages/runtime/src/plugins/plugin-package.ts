import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LapyraError, nearestName, type PluginKind } from '@lapyra/core';
import { exports as resolveExports } from 'resolve.exports';
import type { Project } from '../project.js';

/** What a plugin package's package.json says of it. */
export interface PluginPackage {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  /** Contract version that it was written for. */
  readonly contract: number;
  /** Its plugins: export name → kind. */
  readonly plugins: Readonly<Record<string, PluginKind>>;
  /** Address of the module to import. */
  readonly entry: string;
}

interface Manifest {
  readonly name: string;
  readonly version?: string;
  readonly main?: string;
  readonly exports?: unknown;
  readonly lapyra?: {
    readonly contract?: number;
    readonly plugins?: Readonly<Record<string, PluginKind>>;
  };
}

/**
 * The plugin package of that name, among the project's dependencies. Reads its package.json and imports nothing.
 *
 * @throws {LapyraError} `LAPYRA_PLUGIN_NOT_DEPENDENCY`, `LAPYRA_PLUGIN_NOT_INSTALLED`, `LAPYRA_PLUGIN_NOT_PLUGIN`
 */
export function findPluginPackage(project: Project, name: string): PluginPackage {
  if (!project.dependencies.includes(name)) {
    const near = nearestName(name, project.dependencies);
    throw new LapyraError(
      'LAPYRA_PLUGIN_NOT_DEPENDENCY',
      `plugin ${name}: expected a dependency of the project in ${project.folder}, got none of that name${near ? ` (did you mean ${near}?)` : ''}.`,
      { hint: `Install it with: npm install ${name}` },
    );
  }
  const found = readPluginPackage(project, name);
  if (!found) {
    throw new LapyraError(
      'LAPYRA_PLUGIN_NOT_PLUGIN',
      `plugin ${name}: expected a package with a field "lapyra" in its package.json, got one without.`,
      {
        hint: 'It is not a Lapyra plugin, or one made for a version before plugins were listed there.',
      },
    );
  }
  return found;
}

/** All plugin packages among a project's dependencies; those that are not installed are left out. */
export function listPluginPackages(project: Project): readonly PluginPackage[] {
  return project.dependencies.flatMap((name) => {
    try {
      return readPluginPackage(project, name) ?? [];
    } catch (error) {
      if (LapyraError.is(error, 'LAPYRA_PLUGIN_NOT_INSTALLED')) return [];
      throw error;
    }
  });
}

function readPluginPackage(project: Project, name: string): PluginPackage | undefined {
  const folder = findPackageFolder(project.folder, name);
  if (folder === undefined) {
    throw new LapyraError(
      'LAPYRA_PLUGIN_NOT_INSTALLED',
      `plugin ${name}: expected it in a node_modules folder of ${project.folder} or above, got nothing there.`,
      { hint: 'Install the project with: npm install' },
    );
  }
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  if (!manifest.lapyra) return undefined;
  return {
    name,
    version: manifest.version ?? '0.0.0',
    folder,
    contract: manifest.lapyra.contract ?? 0,
    plugins: manifest.lapyra.plugins ?? {},
    entry: pathToFileURL(join(folder, entryOf(manifest))).href,
  };
}

function findPackageFolder(from: string, name: string): string | undefined {
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name);
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (dirname(at) === at) return undefined;
  }
}

function entryOf(manifest: Manifest): string {
  const entry = manifest.exports === undefined ? undefined : resolveExports(manifest, '.')?.[0];
  return entry ?? manifest.main ?? 'index.js';
}
