import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LapyraError, nearestName } from '@lapyra/core';

/** Where a project keeps its runs. */
export function runsFolder(projectFolder: string): string {
  return join(projectFolder, 'runs');
}

/**
 * The folder of a run: `wanted` is the name of one under `runs/`, or a path; without it, the run that was touched last.
 *
 * @throws {LapyraError} `LAPYRA_RUN_UNKNOWN`
 */
export function findRun(projectFolder: string, wanted?: string): string {
  const runs = runsFolder(projectFolder);
  const names = listRuns(projectFolder);
  if (wanted === undefined) {
    const last = names.toSorted((a, b) => touched(join(runs, b)) - touched(join(runs, a)))[0];
    if (last !== undefined) return join(runs, last);
    throw new LapyraError('LAPYRA_RUN_UNKNOWN', `run: expected one in ${runs}, got none.`, {
      hint: 'Train one with: lapyra train',
    });
  }
  if (names.includes(wanted)) return join(runs, wanted);
  const path = resolve(projectFolder, wanted);
  if (existsSync(path)) return path;
  const near = nearestName(wanted, names);
  throw new LapyraError(
    'LAPYRA_RUN_UNKNOWN',
    `run: expected ${names.length > 0 ? names.join(', ') : 'a run'} or a folder, got '${wanted}'.`,
    near === undefined ? {} : { hint: `Did you mean ${near}?` },
  );
}

function listRuns(projectFolder: string): readonly string[] {
  const runs = runsFolder(projectFolder);
  if (!existsSync(runs)) return [];
  return readdirSync(runs).filter((name) => existsSync(join(runs, name, 'config.json')));
}

function touched(folder: string): number {
  const levels = join(folder, 'levels');
  const inside = existsSync(levels) ? readdirSync(levels).map((name) => join(levels, name)) : [];
  return Math.max(...[folder, ...inside].map((path) => statSync(path).mtimeMs));
}
