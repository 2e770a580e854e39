// Levels that the framework does not step: those that fit themselves on the host, and those with nothing to train.
import type { HostTraining, TensorValues } from '@lapyra/core';
import { type Checkpoint, saveCheckpoint } from './checkpoint.js';
import type { LevelOutcome } from './level-event.js';
import type { LevelLock } from './level-lock.js';
import { createLevelReview } from './level-review.js';
import { levelData } from './level-views.js';
import { createProgressMeter } from './progress-meter.js';
import { resumeCheckpoint } from './resume-checkpoint.js';
import { FIRST_ATTEMPT } from './retry-state.js';
import { levelPaths } from './run-folder.js';
import { bestScore, type ScoreRecord } from './score-record.js';
import type { TrainLevelOptions } from './train-level-options.js';

/**
 * Let a level fit itself, score it and store its state as a checkpoint of step 1. A fit that was interrupted begins
 * anew; one that is stored is done.
 */
export async function trainHostLevel(
  options: TrainLevelOptions,
  training: HostTraining | null,
  lock: LevelLock,
): Promise<LevelOutcome> {
  const { job, emit, signal } = options;
  const paths = levelPaths(options.folder);
  const empty: Checkpoint = {
    step: 1,
    retry: FIRST_ATTEMPT,
    scores: [],
    signature: job.signature,
    versions: job.versions,
    state: {},
  };
  emit({ kind: 'phase', phase: 'opening' });
  const stored = await resumeCheckpoint(paths.checkpoints, empty, lock, emit, { anyState: true });
  if (stored) return { status: 'done', step: 1, best: bestScore(stored.scores) };
  if (signal.aborted) return { status: 'stopped', step: 0, best: null };
  emit({ kind: 'phase', phase: 'training' });
  const state = training ? await fit(options, training) : {};
  if (state === null) return { status: 'stopped', step: 0, best: null };

  emit({ kind: 'phase', phase: 'scoring' });
  const review = await createLevelReview({
    ...options,
    training: null,
    paths,
    first: state,
    untrained: false,
  });
  const scores: ScoreRecord[] = [];
  try {
    const score = await review?.score(1, state, [], true);
    if (score) scores.push(score);
  } finally {
    await review?.dispose();
  }
  emit({ kind: 'phase', phase: 'saving' });
  await saveCheckpoint(paths.checkpoints, { ...empty, scores, state }, () => lock.check());
  emit({ kind: 'checkpoint', step: 1 });
  return { status: 'done', step: 1, best: bestScore(scores) };
}

/** `null` if it was stopped by the signal. */
async function fit(
  { job, level, transform, store, whitening, emit, signal }: TrainLevelOptions,
  training: HostTraining,
): Promise<TensorValues | null> {
  const data = levelData({ level, transform: transform.plain, store, whitening, job }, job.seed);
  const meter = createProgressMeter();
  try {
    return await training.fit(data, {
      seed: job.seed,
      signal,
      report: ({ done, total, note }) => {
        meter.tick();
        if (!meter.isDue()) return;
        emit({
          kind: 'progress',
          step: done,
          steps: total,
          rate: 0,
          secondsLeft: null,
          losses: {},
          ...(note === undefined ? {} : { note }),
        });
      },
    });
  } catch (error) {
    if (signal.aborted) return null; // it stopped because it was told to
    throw error;
  }
}
