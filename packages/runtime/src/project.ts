import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { LapyraError } from '@lapyra/core';

/** The folder that a config belongs to: the nearest one with a package.json. */
export interface Project {
  readonly folder: string;
  readonly name: string;
  /** Names of the packages that it depends on, in any way: only these may supply plugins. */
  readonly dependencies: readonly string[];
}

interface Manifest {
  readonly name?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * The project that holds `folder`.
 *
 * @throws {LapyraError} `LAPYRA_PROJECT_NOT_FOUND` if no folder above has a package.json, `LAPYRA_PROJECT_INVALID` if it
 * is no JSON
 */
export function findProject(folder: string): Project {
  const start = resolve(folder);
  for (let at = start; ; at = dirname(at)) {
    const file = join(at, 'package.json');
    if (existsSync(file)) return readProject(at, file);
    if (dirname(at) === at) break;
  }
  throw new LapyraError(
    'LAPYRA_PROJECT_NOT_FOUND',
    `project: expected a package.json in ${start} or a folder above, got none.`,
    { hint: 'Make a project with: lapyra init my-pyramid' },
  );
}

function readProject(folder: string, file: string): Project {
  let manifest: Manifest;
  try {
    manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  } catch (cause) {
    throw new LapyraError('LAPYRA_PROJECT_INVALID', `${file}: expected JSON, got something else.`, {
      cause,
    });
  }
  const { dependencies, devDependencies, peerDependencies, optionalDependencies } = manifest;
  return {
    folder,
    name: manifest.name ?? '',
    dependencies: Object.keys({
      ...dependencies,
      ...devDependencies,
      ...peerDependencies,
      ...optionalDependencies,
    }),
  };
}

/** Where downloads and decoded images are kept between runs: `$LAPYRA_CACHE`, or `lapyra` in the user's cache folder. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const given = env['LAPYRA_CACHE'];
  if (given) return resolve(given);
  return join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'lapyra');
}
