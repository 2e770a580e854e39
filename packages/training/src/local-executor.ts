// Trains levels on this machine, each in a process of its own: a level's engine may block its event loop, use its own
// threads, or crash, and the others do not notice.
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Json } from '@lapyra/core';
import type { LevelEvent, LevelOutcome } from './level-event.js';
import type { LevelFailure, ToChild, ToParent } from './level-message.js';
import { levelProcess } from './level-process.js';

/** A level to train. */
export interface LevelTask {
  /** Its name: `14`. */
  readonly level: string;
  /** Expected cost, in any unit: the most costly level that may start starts first. */
  readonly cost: number;
  /** Names of other levels that must be done before it starts. Default: none. */
  readonly after?: readonly string[];
  /** What the child needs to know; it gets it as it is. */
  readonly payload: Json;
}

export type ExecutorEvent =
  | LevelEvent
  /** It cannot start before these are done. */
  | { readonly kind: 'waiting'; readonly for: readonly string[] }
  | { readonly kind: 'started'; readonly pid: number; readonly threads: number }
  | { readonly kind: 'ended'; readonly report: LevelReport };

/** How a level ended. */
export type LevelReport = { readonly level: string } & (
  | { readonly status: 'outcome'; readonly outcome: LevelOutcome }
  /** The child reported an error. */
  | { readonly status: 'failed'; readonly error: LevelFailure }
  /** The child's process ended without a word: killed, crashed, out of memory. */
  | {
      readonly status: 'died';
      readonly exitCode: number | null;
      readonly signal: string | null;
      /** The end of what it printed. */
      readonly output: string;
    }
  /** Stopped before it was its turn. */
  | { readonly status: 'not-started' }
  /** A level that it waited for ended, but was not done. */
  | { readonly status: 'blocked'; readonly by: string }
);

export interface LocalExecutorOptions {
  /** The script that calls {@link serveLevelJob}. */
  readonly childUrl: URL;
  /** Levels at once. Default: the number of cores. */
  readonly jobs?: number;
  /** Cores to divide among the levels at once. Default: those of the machine. */
  readonly cores?: number;
  /** Node's own options for the children. Default: none. */
  readonly execArgv?: readonly string[];
  onEvent(level: string, event: ExecutorEvent): void;
}

export interface LocalExecutor {
  /** Train all levels; resolves when the last one ended, in the order of `tasks`. It never rejects for a level's sake. */
  run(tasks: readonly LevelTask[]): Promise<readonly LevelReport[]>;
  /** Let every child stop after its step, with a checkpoint; start no more. */
  stop(): void;
  /** End every child at once. What they published last stays good. */
  kill(): void;
}

/** The threads of each level: cores divided among the levels at once; one each when there are as many as cores. */
export function threadsPerLevel(levels: number, jobs: number, cores: number): number {
  return Math.max(1, Math.floor(cores / Math.max(1, Math.min(levels, jobs))));
}

export function createLocalExecutor(options: LocalExecutorOptions): LocalExecutor {
  const cores = options.cores ?? availableParallelism();
  const jobs = options.jobs ?? cores;
  const children = new Set<ChildProcess>();
  let stopped = false;
  return {
    run: async (tasks) => {
      const threads = threadsPerLevel(tasks.length, jobs, cores);
      const reports = new Map<string, LevelReport>();
      const waiting = new Set([...tasks].sort((a, b) => b.cost - a.cost));
      const running = new Map<string, Promise<void>>();
      const end = (report: LevelReport): void => {
        reports.set(report.level, report);
        options.onEvent(report.level, { kind: 'ended', report });
      };
      const start = (task: LevelTask): void => {
        const work = async (): Promise<void> => {
          end(await runChild(task, threads, options, children));
          running.delete(task.level);
        };
        running.set(task.level, work());
      };
      for (const { level, after = [] } of tasks)
        if (after.length > 0) options.onEvent(level, { kind: 'waiting', for: after });
      while (waiting.size > 0) {
        const before = waiting.size;
        for (const task of waiting) {
          const state: TaskState = stopped ? 'stopped' : taskState(task, reports);
          if (state === 'waits' || (state === 'ready' && running.size >= Math.max(1, jobs)))
            continue;
          waiting.delete(task);
          if (state === 'ready') start(task);
          else if (state === 'stopped') end({ level: task.level, status: 'not-started' });
          else end({ level: task.level, status: 'blocked', by: state.by });
        }
        if (running.size > 0) await Promise.race(running.values());
        else if (waiting.size === before) break; // they wait for each other
      }
      await Promise.all(running.values());
      for (const { level, after = [] } of waiting)
        end({ level, status: 'blocked', by: after.find((name) => !reports.has(name)) ?? level });
      return tasks.map(({ level }) => reports.get(level) as LevelReport);
    },
    stop: () => {
      stopped = true;
      for (const child of children) tell(child, { kind: 'stop' });
    },
    kill: () => {
      stopped = true;
      for (const child of children) child.kill('SIGKILL');
    },
  };
}

type TaskState = 'ready' | 'waits' | 'stopped' | { readonly by: string };

function taskState(
  { after = [] }: LevelTask,
  reports: ReadonlyMap<string, LevelReport>,
): TaskState {
  let state: TaskState = 'ready';
  for (const name of after) {
    const report = reports.get(name);
    if (!report) state = 'waits';
    else if (report.status !== 'outcome' || report.outcome.status !== 'done') return { by: name };
  }
  return state;
}

const OUTPUT_KEPT = 4000;

async function runChild(
  { level, payload }: LevelTask,
  threads: number,
  { childUrl, execArgv = [], onEvent }: LocalExecutorOptions,
  children: Set<ChildProcess>,
): Promise<LevelReport> {
  const own = levelProcess();
  const child = fork(fileURLToPath(childUrl), [], {
    execArgv: [...own.execArgv, ...execArgv],
    env: { ...own.env, ...process.env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  children.add(child);
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-OUTPUT_KEPT);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  let last: LevelReport | null = null;
  child.on('message', (message: ToParent) => {
    if (message.kind === 'event') onEvent(level, message.event);
    else if (message.kind === 'outcome')
      last = { level, status: 'outcome', outcome: message.outcome };
    else last = { level, status: 'failed', error: message.error };
  });
  const ended = new Promise<LevelReport>((resolve) => {
    child.on('error', (error) => {
      // It could not be started; one that runs ends with 'close'.
      if (child.pid === undefined)
        resolve({ level, status: 'failed', error: { message: error.message } });
    });
    // After 'close' all that it printed and said has arrived.
    child.on('close', (exitCode, signal) => {
      resolve(last ?? { level, status: 'died', exitCode, signal, output: output.trim() });
    });
  });
  if (child.pid !== undefined) onEvent(level, { kind: 'started', pid: child.pid, threads });
  tell(child, { kind: 'start', level, threads, payload });
  const report = await ended;
  children.delete(child);
  return report;
}

function tell(child: ChildProcess, message: ToChild): void {
  // A child that is gone hears nothing; that it is gone is reported where it ends.
  if (child.connected) child.send(message, () => undefined);
}
