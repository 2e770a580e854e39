// Looks at the folder of a run from outside, while it is trained and afterwards.
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { TestProject } from './test-project.js';

/** A run of a test project. Levels are called by their names. */
export interface WatchedRun {
  path(level: string, ...rest: readonly string[]): string;
  /** The last step in the level's log, which has one row in a thousand of a long training; 0 if it has not begun. */
  logged(level: string): number;
  /** The process that holds the level's lock. */
  trainer(level: string): number | null;
  /** What `last.json` names; `null` if there is no checkpoint yet. */
  checkpoint(level: string): { readonly step: number; readonly folder: string } | null;
}

export function watchRun(project: TestProject, run: string): WatchedRun {
  const path: WatchedRun['path'] = (level, ...rest) =>
    project.path('runs', run, 'levels', level, ...rest);
  return {
    path,
    logged: (level) => {
      const file = path(level, 'metrics.jsonl');
      if (!existsSync(file)) return 0;
      const rows = readFileSync(file, 'utf8').split('\n').slice(0, -1); // the last may be half there
      return (JSON.parse(rows.at(-1) ?? '{"step":0}') as { step: number }).step;
    },
    trainer: (level) => readJson<{ pid: number }>(path(level, 'lock.json'))?.pid ?? null,
    checkpoint: (level) => readJson(path(level, 'checkpoints/last.json')),
  };
}

/** Whether a process runs; one that has ended and was not yet collected by its parent does not. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Wait for something to be so. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  const end = Date.now() + 60_000;
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await wait(1);
  }
}

function readJson<T>(file: string): T | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return null; // not there, or replaced this moment
  }
}
