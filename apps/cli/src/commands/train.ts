import { relative } from 'node:path';
import { type TrainedLevelReport, type TrainResult, trainRun } from '@lapyra/runtime';
import type { LevelEvent } from '@lapyra/training';
import pc from 'picocolors';
import { configOptions, type ConfigFlags } from '../config-options.js';
import { EXIT } from '../exit-codes.js';
import { boardHooks } from '../terminal/board-hooks.js';
import {
  type BoardRow,
  createProgressBoard,
  type ProgressBoard,
} from '../terminal/progress-board.js';
import { short } from '../terminal/quantity.js';
import { isAbort, stopOnInterrupt } from '../terminal/stop-on-interrupt.js';
import { table } from '../terminal/table.js';

interface TrainFlags extends ConfigFlags {
  readonly level: readonly string[];
  readonly jobs?: number;
  readonly fresh?: boolean;
  readonly anyVersion?: boolean;
  readonly json?: boolean;
}

/** `lapyra train`: train the levels, or go on where they stopped. */
export async function train(flags: TrainFlags): Promise<number> {
  const board = createProgressBoard(process.stderr);
  const rows = new Map<string, BoardRow>();
  const interrupt = stopOnInterrupt((line) => board.say(line));
  let begun = false;
  interrupt.kill.addEventListener('abort', () => {
    if (!begun) process.exit(EXIT.interrupted); // there is no process to end but this one
  });
  const tell = (event: object): void => {
    if (flags.json) process.stdout.write(`${JSON.stringify(event)}\n`);
  };
  try {
    const result = await trainRun(
      {
        ...configOptions(flags),
        levels: flags.level,
        ...(flags.jobs === undefined ? {} : { jobs: flags.jobs }),
        fresh: flags.fresh ?? false,
        anyVersion: flags.anyVersion ?? false,
        stop: interrupt.stop,
        kill: interrupt.kill,
      },
      {
        ...boardHooks(board),
        started: ({ folder, backend, levels }) => {
          begun = true;
          board.say(`${relative(process.cwd(), folder)}, ${backend}`);
          tell({ kind: 'started', folder, backend, levels });
          for (const { name, steps } of levels) {
            const row = {
              name,
              phase: 'waiting',
              step: 0,
              steps,
              rate: 0,
              losses: {},
              score: null,
              left: null,
            };
            rows.set(name, row);
            board.update(row);
          }
        },
        waiting: (name, names) => {
          tell({ level: name, kind: 'waiting', for: names });
          const row = rows.get(name);
          if (row) board.update({ ...row, phase: `waits for ${names.join(', ')}` });
        },
        event: (name, event) => {
          tell({ level: name, ...event });
          show(board, rows, name, event);
        },
        ended: (name, { status, failure }) => {
          tell({ level: name, kind: 'ended', status, failure });
          const row = rows.get(name);
          if (row && row.phase !== status)
            board.update({ ...row, phase: status, rate: 0, left: null });
          if (failure) board.say(`level ${name}: ${failure.message}`);
        },
      },
    );
    board.close();
    tell({ kind: 'finished', ...result });
    if (!flags.json) process.stdout.write(`${summary(result)}\n`);
    return exitCode(result);
  } catch (error) {
    if (begun || !isAbort(error, interrupt.stop)) throw error;
    board.say('stopped before the levels began');
    return EXIT.interrupted;
  } finally {
    board.close();
    interrupt.release();
  }
}

function show(
  board: ProgressBoard,
  rows: Map<string, BoardRow>,
  name: string,
  event: LevelEvent,
): void {
  const before = rows.get(name);
  if (!before) return;
  const change = (part: Partial<BoardRow>): void => {
    const row = { ...before, ...part };
    rows.set(name, row);
    board.update(row);
  };
  switch (event.kind) {
    case 'phase':
      change({ phase: event.phase });
      break;
    case 'progress':
      change({
        step: event.step,
        steps: event.steps,
        rate: event.rate,
        left: event.secondsLeft,
        losses: Object.fromEntries(
          Object.entries(event.losses).map(([key, value]) => [key, value ?? Number.NaN]),
        ),
      });
      break;
    case 'score':
      change({ step: event.step, score: event.value });
      break;
    case 'retry':
      board.say(
        `level ${name}: diverged at step ${event.from}; back to step ${event.to} with ${event.rateFactor} of the rate (try ${event.attempt} of ${event.attempts})`,
      );
      break;
    case 'notice':
      board.say(`level ${name}: ${event.text}`);
      break;
    case 'done':
      change({ phase: event.outcome.status, step: event.outcome.step, rate: 0, left: null });
      break;
    case 'checkpoint':
      break;
  }
}

function summary({ folder, levels }: TrainResult): string {
  const rows = levels.map((level) => [
    pc.bold(level.name),
    COLOURS[level.status](level.status),
    `${level.step}/${level.steps}`,
    ...scores(level),
  ]);
  const heading = [
    'level',
    '',
    'step',
    'best score',
    'before',
    'upsampled',
    'real',
    'nearest of k',
  ];
  const failures = levels.flatMap(({ name, failure }) =>
    failure
      ? [`level ${name}: ${failure.message}${failure.hint ? `\n  ${failure.hint}` : ''}`]
      : [],
  );
  const next = levels.every(({ status }) => status === 'done')
    ? ['draw images with: lapyra sample']
    : levels.some(({ status }) => status === 'stopped')
      ? ['go on with the same command']
      : [];
  return [
    ...(rows.length > 0 ? [table([heading, ...rows])] : []),
    ...failures,
    relative(process.cwd(), folder),
    ...next,
  ].join('\n');
}

function scores({ best, baselines }: TrainedLevelReport): string[] {
  if (!best || !baselines) return ['', '', '', '', ''];
  const { untrained, upsampled, real, nearest } = baselines;
  return [
    `${short(best.value)} at ${best.step}`,
    ...[untrained, upsampled, real].map((value) => (value === null ? '' : short(value))),
    nearest && nearest.trained !== null
      ? `${short(nearest.trained)} (upsampled ${short(nearest.upsampled)})`
      : '',
  ];
}

const COLOURS: Readonly<Record<TrainedLevelReport['status'], (text: string) => string>> = {
  done: pc.green,
  stopped: pc.yellow,
  diverged: pc.red,
  failed: pc.red,
};

function exitCode({ levels }: TrainResult): number {
  if (levels.some(({ status }) => status === 'failed')) return EXIT.failed;
  if (levels.some(({ status }) => status === 'diverged')) return EXIT.diverged;
  if (levels.some(({ status }) => status === 'stopped')) return EXIT.interrupted;
  return EXIT.ok;
}
