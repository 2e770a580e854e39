import { type Json, LapyraError } from '@lapyra/core';
import type { LevelEvent, LevelOutcome } from './level-event.js';
import type { LevelFailure, ToChild, ToParent } from './level-message.js';

/** What a level's process is asked to do. */
export interface ServedJob {
  readonly level: string;
  /** Threads for its engine. */
  readonly threads: number;
  /** As the parent gave it. */
  readonly payload: Json;
  /** Aborted when the parent says stop, when its channel closes, on SIGTERM and SIGHUP. */
  readonly signal: AbortSignal;
  emit(event: LevelEvent): void;
}

/**
 * The child's side of {@link createLocalExecutor}: wait for the job, run it, send its events and its outcome, and let the
 * process end. When the parent dies the job is stopped as well, after its step and with a checkpoint.
 *
 * Exit codes: 0 done or stopped, 42 diverged, 1 failed.
 *
 * @param run trains the level; it disposes of what it opens
 */
export async function serveLevelJob(run: (job: ServedJob) => Promise<LevelOutcome>): Promise<void> {
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  // Ctrl-C reaches the whole process group; the parent decides what it means.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', stop);
  process.on('SIGHUP', stop); // the terminal was closed
  process.on('disconnect', stop);
  if (process.send === undefined)
    throw new LapyraError(
      'LAPYRA_EXECUTOR_CHANNEL',
      'level process: expected a channel to a parent, got none.',
      { hint: 'This script is started by lapyra train, not by hand.' },
    );
  const start = await new Promise<Extract<ToChild, { kind: 'start' }> | null>((resolve) => {
    process.on('message', (message: ToChild) => {
      if (message.kind === 'start') resolve(message);
      else stop();
    });
    process.on('disconnect', () => resolve(null));
  });
  if (!start) return;
  try {
    const { level, threads, payload } = start;
    const emit = (event: LevelEvent): void => void send({ kind: 'event', event });
    const outcome = await run({ level, threads, payload, signal: abort.signal, emit });
    await send({ kind: 'outcome', outcome });
    process.exitCode = outcome.status === 'diverged' ? 42 : 0;
  } catch (error) {
    await send({ kind: 'failed', error: describe(error) });
    process.exitCode = 1;
  }
  // Messages arrive in order: the last one's arrival means that all were flushed.
  if (process.connected) process.disconnect();
  // What an engine left open must not keep the process; but native code likes to end in peace first.
  setTimeout(() => process.exit(), 5000).unref();
}

/** Resolves when the message was handed over, or cannot be any more. */
function send(message: ToParent): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}

function describe(error: unknown): LevelFailure {
  if (!(error instanceof Error)) return { message: String(error) };
  const { message, stack } = error;
  return {
    message,
    ...(stack === undefined ? {} : { stack }),
    ...(LapyraError.is(error) ? { code: error.code } : {}),
    ...(LapyraError.is(error) && error.hint !== undefined ? { hint: error.hint } : {}),
  };
}
