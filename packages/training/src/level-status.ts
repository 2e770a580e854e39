import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { checkpointSteps, readRecord } from './checkpoint.js';
import type { Baselines, DivergenceReport } from './level-event.js';
import { isLockAlive, type LockOwner, readLockOwner } from './level-lock.js';
import { levelPaths } from './run-folder.js';
import { bestScore, type ScoreRecord } from './score-record.js';

/** Where a level stands, as its folder tells it. */
export interface LevelStatus {
  /** Steps done at the last checkpoint; 0 for none. */
  readonly step: number;
  readonly scores: readonly ScoreRecord[];
  readonly best: ScoreRecord | null;
  readonly baselines: Baselines | null;
  /** Who trains it now; also one on another host, of whom it is not known whether it lives. */
  readonly trainer: LockOwner | null;
  readonly diverged: DivergenceReport | null;
}

/**
 * Look at a level without touching it; tensors are not read.
 *
 * @param folder the level's own
 */
export async function readLevelStatus(folder: string): Promise<LevelStatus> {
  const paths = levelPaths(folder);
  const records = await Promise.all(
    (await checkpointSteps(paths.checkpoints)).map((step) => readRecord(paths.checkpoints, step)),
  );
  const last = records.find((record) => record !== null);
  const owner = readLockOwner(paths.lock);
  return {
    step: last?.step ?? 0,
    scores: last?.scores ?? [],
    best: bestScore(last?.scores ?? []),
    baselines: (await readJson(paths.baselines)) as Baselines | null,
    trainer: owner && isLockAlive(owner) !== false ? owner : null,
    diverged: (await readJson(paths.diverged)) as DivergenceReport | null,
  };
}

async function readJson(file: string): Promise<unknown> {
  return existsSync(file) ? JSON.parse(await readFile(file, 'utf8')) : null;
}
