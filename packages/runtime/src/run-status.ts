import { existsSync, readFileSync } from 'node:fs';
import { LapyraError } from '@lapyra/core';
import {
  type Baselines,
  bestScore,
  isLockAlive,
  loadLastCheckpoint,
  readLockOwner,
  type ScoreRecord,
} from '@lapyra/training';
import type { LevelOrigin } from './config/resolved-config.js';
import { findProject } from './project.js';
import { findRun } from './stored/find-run.js';
import { readLevelRecord } from './stored/level-record.js';
import { openStoredRun } from './stored/stored-run.js';

/** How far one level is. */
export interface LevelStatus {
  readonly name: string;
  readonly state: 'new' | 'training' | 'stopped' | 'done' | 'damaged';
  readonly step: number;
  /** Of the whole training; 1 of a level that fits itself, or has nothing to learn. */
  readonly steps: number;
  readonly retries: number;
  readonly best: ScoreRecord | null;
  /** What the scores are compared with, once they were measured. */
  readonly baselines: Baselines | null;
  /** The levels below that must be done before it can begin, since it learns on what they draw. */
  readonly waitsFor: readonly string[];
  /** Where it comes from, if it is not trained in this run. */
  readonly origin: LevelOrigin | null;
  /** Damaged checkpoints, refused ones; a lock or baselines that cannot be read. */
  readonly notices: readonly string[];
}

export interface RunStatus {
  readonly folder: string;
  readonly name: string;
  readonly levels: readonly LevelStatus[];
}

/**
 * How far each level of a run is; nothing is locked or changed.
 *
 * @throws {LapyraError} `LAPYRA_RUN_*`, `LAPYRA_PROJECT_*`
 */
export async function runStatus(folder: string, run?: string): Promise<RunStatus> {
  const runFolder = findRun(findProject(folder).folder, run);
  const { paths, config } = await openStoredRun(runFolder);
  const levels: LevelStatus[] = [];
  for (const { name, steps: asked, origin = null, generatedCoarse } of config.levels) {
    const level = paths.level(name);
    const steps = (await readLevelRecord(level.record))?.atOnce ? 1 : asked;
    const found = readBaselines(level.baselines);
    const { baselines } = found;
    try {
      const lock = readLock(level.lock);
      const last = await loadLastCheckpoint(level.checkpoints);
      const step = last?.checkpoint.step ?? 0;
      levels.push({
        name,
        waitsFor:
          generatedCoarse && generatedCoarse.from === undefined && !existsSync(level.generated)
            ? levels.filter(({ state }) => state !== 'done').map((below) => below.name)
            : [],
        state: lock.held ? 'training' : step >= steps ? 'done' : last ? 'stopped' : 'new',
        step,
        steps,
        retries: last?.checkpoint.retry.attempt ?? 0,
        best: last ? bestScore(last.checkpoint.scores) : null,
        baselines,
        origin,
        notices: [...(last?.notices ?? []), ...lock.notices, ...found.notices],
      });
    } catch (error) {
      const fault = error instanceof Error ? error.message : String(error);
      levels.push({
        name,
        waitsFor: [],
        state: 'damaged',
        step: 0,
        steps,
        retries: 0,
        best: null,
        baselines,
        origin,
        notices: [fault, ...found.notices],
      });
    }
  }
  return { folder: runFolder, name: config.name, levels };
}

/** A lock that is none hides nothing else of its level; training that level refuses it. */
function readLock(file: string): { readonly held: boolean; readonly notices: readonly string[] } {
  try {
    const owner = readLockOwner(file);
    return { held: owner !== null && isLockAlive(owner) !== false, notices: [] };
  } catch (error) {
    if (!LapyraError.is(error, 'LAPYRA_LOCK_UNREADABLE')) throw error;
    return { held: false, notices: [error.message] };
  }
}

/** Baselines only stand beside scores: what else is known of the level is worth showing without them. */
function readBaselines(file: string): {
  readonly baselines: Baselines | null;
  readonly notices: readonly string[];
} {
  const without = (got: string): { baselines: null; notices: string[] } => ({
    baselines: null,
    notices: [`${file}: expected the baselines of the scores, got ${got}; shown without them.`],
  });
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isBaselines(value) ? { baselines: value, notices: [] } : without('other JSON');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? { baselines: null, notices: [] } : without(code ?? message);
  }
}

function isBaselines(value: unknown): value is Baselines {
  if (typeof value !== 'object' || value === null) return false;
  const { untrained, upsampled, real, nearest } = value as Partial<Baselines>;
  const isScore = (score: unknown): boolean => score === null || typeof score === 'number';
  return (
    typeof real === 'number' &&
    isScore(untrained) &&
    isScore(upsampled) &&
    (nearest === null || typeof nearest === 'object')
  );
}
