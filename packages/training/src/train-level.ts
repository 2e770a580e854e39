// One level from its first step to its last, in the order of time: lock, state (new or resumed), programs, steps, scores
// and checkpoints. Everything that a resume needs is the state, the step and the retry state; all else follows from the
// seed.
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import {
  initialState,
  sizeName,
  type StepClock,
  type StepTraining,
  whiteningTensors,
} from '@lapyra/core';
import { checkTraining } from './check-training.js';
import { checkMixing } from './coarse-mixing.js';
import {
  type Checkpoint,
  discardCheckpointsAfter,
  loadLastCheckpoint,
  removeCheckpointLitter,
  saveCheckpoint,
} from './checkpoint.js';
import { onDisk, onDiskSync, writeJsonDurably } from './durable-file.js';
import type { DivergenceReport, LevelOutcome } from './level-event.js';
import { checkJob, levelIntervals } from './level-job.js';
import { type LevelLock, takeLevelLock } from './level-lock.js';
import { createLevelReview, type LevelReview } from './level-review.js';
import { type MetricsLog, openMetricsLog } from './metrics-log.js';
import { createProgressMeter } from './progress-meter.js';
import { resumeCheckpoint } from './resume-checkpoint.js';
import { countRefusal, FIRST_ATTEMPT, hasDiverged, isCalm, nextAttempt } from './retry-state.js';
import { levelPaths } from './run-folder.js';
import { bestScore } from './score-record.js';
import { createStepRunner, type StepLosses } from './steps/step-runner.js';
import { trainHostLevel } from './train-host-level.js';
import type { TrainLevelOptions } from './train-level-options.js';

/** Rows of metrics.jsonl: about this many per training. */
const METRICS_ROWS = 1000;

/**
 * Train a level, or go on where it stopped. The steps of the job are the goal: a finished level is left alone, and a
 * larger goal goes on. On the same engine and processor a resumed training ends with the same bits as one that was
 * never interrupted.
 *
 * @returns `done`, `stopped` by the signal, or `diverged` after the last retry
 * @throws {LapyraError} `LAPYRA_LOCK_HELD` and its like if another process trains it, `LAPYRA_LOCK_LOST` if one took it
 * over meanwhile, `LAPYRA_CHECKPOINT_WRITE`, `LAPYRA_CHECKPOINT_DAMAGED`, `LAPYRA_CHECKPOINT_MISFIT`,
 * `LAPYRA_CONFIG_INVALID` for a job that cannot be done, `LAPYRA_FILE_WRITE`, `LAPYRA_LEVEL_PROGRAM`, `LAPYRA_LEVEL_TRAINING`; what the engine throws
 */
export async function trainLevel(options: TrainLevelOptions): Promise<LevelOutcome> {
  const { folder, level, emit } = options;
  checkJob(options.job);
  onDiskSync(folder, () => mkdirSync(folder, { recursive: true }));
  const lock = takeLevelLock(folder);
  if (lock.notice) emit({ kind: 'notice', text: lock.notice });
  try {
    await removeCheckpointLitter(levelPaths(folder).checkpoints);
    const { training } = level;
    const outcome =
      training?.kind === 'steps'
        ? await trainBySteps(options, training, lock)
        : await trainHostLevel(options, training, lock);
    emit({ kind: 'done', outcome });
    return outcome;
  } finally {
    lock.release();
  }
}

async function trainBySteps(
  options: TrainLevelOptions,
  training: StepTraining,
  lock: LevelLock,
): Promise<LevelOutcome> {
  const { job, level, store, engine, signal, emit } = options;
  const name = sizeName(level.place.size);
  const paths = levelPaths(options.folder);
  const { checkpointEvery, scoreEvery } = levelIntervals(job);
  const clockAt = (step: number): StepClock => ({
    step,
    steps: job.steps,
    images: store.count.train,
  });
  checkTraining(level, training, clockAt(0));

  emit({ kind: 'phase', phase: 'opening' });
  const first: Checkpoint = {
    step: 0,
    retry: FIRST_ATTEMPT,
    scores: [],
    signature: job.signature,
    versions: job.versions,
    state: initialState(training.state, job.seed, name),
  };
  let at = (await resumeCheckpoint(paths.checkpoints, first, lock, emit)) ?? first;
  let saved = at.step;
  if (at.step >= job.steps) return { status: 'done', step: at.step, best: bestScore(at.scores) };
  const notice = (text: string): void => emit({ kind: 'notice', text });
  let metrics = await openMetricsLog(paths.metrics, at.step, notice);
  await onDisk(paths.diverged, () => rm(paths.diverged, { force: true }));
  const mixing = await options.mixing?.(at.step > 0);
  if (mixing === null) return { status: 'stopped', step: at.step, best: bestScore(at.scores) };
  if (mixing) checkMixing(level, mixing);
  const mix = mixing ? { mixing } : {};
  const state = await engine.open({ ...at.state, ...whiteningTensors(options.whitening) });
  const names = Object.keys(training.state);
  let review: LevelReview | null = null;
  try {
    emit({ kind: 'phase', phase: 'compiling' });
    const runner = await createStepRunner({
      level,
      training,
      transform: options.transform.tensor,
      store,
      job,
      state,
      ...mix,
    });
    if (!signal.aborted && options.scored !== false)
      review = await createLevelReview({ ...options, training, paths, first: first.state });
    emit({ kind: 'phase', phase: 'training' });
    const meter = createProgressMeter();
    let { step, retry, scores } = at;

    while (step < job.steps && !signal.aborted) {
      const losses = await runner.run(step, retry.rateFactor);
      step++;
      retry = countRefusal(retry, step, losses.refused);
      meter.tick();
      report(step, losses.recorded, meter, metrics);

      if (hasDiverged(retry)) {
        meter.pause();
        const retries = job.retries ?? 3;
        const good = await lastGood();
        if (retry.attempt >= retries) {
          const divergence = {
            step,
            refused: retry.refused,
            attempts: retry.attempt,
            rateFactor: retry.rateFactor,
            losses: losses.recorded,
            goodStep: good.step,
          };
          return await giveUp(paths.diverged, divergence, lock);
        }
        retry = nextAttempt(retry);
        emit({
          kind: 'retry',
          attempt: retry.attempt,
          attempts: retries,
          from: step,
          to: good.step,
          rateFactor: retry.rateFactor,
        });
        lock.check();
        await discardCheckpointsAfter(paths.checkpoints, good.step === 0 ? null : good);
        await state.write(good.state);
        metrics = await openMetricsLog(paths.metrics, good.step, notice);
        ({ step, scores } = good);
        saved = step;
      } else {
        const isLast = step === job.steps;
        const isScored = (isLast || step % scoreEvery === 0) && review !== null;
        if (review && isScored) {
          meter.pause();
          emit({ kind: 'phase', phase: 'scoring' });
          const values = await state.read(review.reads);
          const score = await review.score(step, values, scores, isLast);
          if (score) {
            scores = [...scores, score];
            metrics.append({ step, score: score.value });
          }
        }
        if (isLast || isScored || step % checkpointEvery === 0) await save();
      }
      // An engine may block the event loop for a whole step: let signals and messages in.
      await new Promise(setImmediate);
    }
    if (step < job.steps && step > saved) await save();
    return {
      status: step < job.steps ? 'stopped' : 'done',
      step,
      best: bestScore(scores),
    };

    async function save(): Promise<void> {
      meter.pause();
      emit({ kind: 'phase', phase: 'saving' });
      at = { ...first, step, retry, scores, state: await state.read(names) };
      await saveCheckpoint(paths.checkpoints, at, () => lock.check());
      saved = step;
      emit({ kind: 'checkpoint', step });
      if (step < job.steps && !signal.aborted) emit({ kind: 'phase', phase: 'training' });
    }

    async function lastGood(): Promise<Checkpoint> {
      const loaded = await loadLastCheckpoint(paths.checkpoints, (record) => isCalm(record.retry));
      loaded?.notices.forEach(notice);
      return loaded?.checkpoint ?? first;
    }
  } finally {
    await review?.dispose();
    await state.dispose();
  }

  function report(
    step: number,
    losses: StepLosses['recorded'],
    meter: ReturnType<typeof createProgressMeter>,
    log: MetricsLog,
  ): void {
    const rate = meter.rate();
    if (step % Math.max(1, Math.floor(job.steps / METRICS_ROWS)) === 0)
      log.append({ step, ...losses });
    if (!meter.isDue() && step < job.steps) return;
    const secondsLeft = rate > 0 ? (job.steps - step) / rate : null;
    emit({ kind: 'progress', step, steps: job.steps, rate, secondsLeft, losses });
  }
}

async function giveUp(
  file: string,
  report: DivergenceReport,
  lock: LevelLock,
): Promise<LevelOutcome> {
  lock.check();
  await writeJsonDurably(file, report);
  return { status: 'diverged', step: report.step, report };
}
