import { relative } from 'node:path';
import { type FinetuneReport, finetuneRun } from '@lapyra/runtime';
import pc from 'picocolors';
import { EXIT } from '../exit-codes.js';
import { boardHooks } from '../terminal/board-hooks.js';
import { printJson } from '../terminal/print-json.js';
import { createProgressBoard } from '../terminal/progress-board.js';
import { short } from '../terminal/quantity.js';
import { stopOnInterrupt } from '../terminal/stop-on-interrupt.js';
import { table } from '../terminal/table.js';

interface FinetuneFlags {
  readonly steps: number;
  readonly name?: string;
  readonly batch: number;
  readonly rate: number;
  readonly seed: number;
  readonly images: number;
  readonly rounds: number;
  readonly backend: string;
  readonly json?: boolean;
}

/** `lapyra finetune`: let the levels of a run learn together. */
export async function finetune(run: string | undefined, flags: FinetuneFlags): Promise<number> {
  const { steps, name, batch, rate, seed, images, rounds, backend } = flags;
  const board = createProgressBoard(process.stderr);
  const interrupt = stopOnInterrupt((line) => board.say(line));
  interrupt.kill.addEventListener('abort', () => process.exit(EXIT.interrupted));
  let row = {
    name: 'joint',
    phase: 'waiting',
    step: 0,
    steps,
    rate: 0,
    losses: {},
    score: null as number | null,
    left: null as number | null,
  };
  const change = (part: Partial<typeof row>): void => {
    row = { ...row, ...part };
    board.update(row);
  };
  try {
    const result = await finetuneRun(
      {
        folder: process.cwd(),
        ...(run === undefined ? {} : { run }),
        ...(name === undefined ? {} : { name }),
        steps,
        batch,
        rate,
        seed,
        images,
        rounds,
        backend,
        signal: interrupt.stop,
      },
      {
        ...boardHooks(board),
        started: ({ folder, levels }) => {
          board.say(relative(process.cwd(), folder));
          for (const { level, frozen } of levels)
            board.say(`level ${level}: ${frozen === null ? 'learns' : `frozen, it ${frozen}`}`);
        },
        event: (event) => {
          if (event.kind === 'phase') change({ phase: event.phase });
          else if (event.kind === 'score') change({ step: event.step, score: event.value });
          else if (event.kind === 'notice') board.say(event.text);
          else if (event.kind === 'progress')
            change({
              step: event.step,
              rate: event.rate,
              left: event.secondsLeft,
              losses: Object.fromEntries(
                Object.entries(event.losses).map(([key, value]) => [key, value ?? Number.NaN]),
              ),
            });
        },
      },
    );
    board.close();
    if (flags.json) printJson(result);
    if (result.status !== 'done') {
      if (!flags.json)
        process.stdout.write(
          result.status === 'stopped'
            ? `stopped at step ${result.step}; go on with the same command\n`
            : `diverged at step ${result.step}: try a smaller --rate, under another --name\n`,
        );
      return result.status === 'stopped' ? EXIT.interrupted : EXIT.diverged;
    }
    if (!flags.json) process.stdout.write(`${describe(result.report, result.folder)}\n`);
    return EXIT.ok;
  } finally {
    board.close();
    interrupt.release();
  }
}

function describe({ before, after, step, levels }: FinetuneReport, folder: string): string {
  const rows = before.levels.map((level, index) => [
    pc.bold(level.level),
    short(level.gap.mean),
    short(after.levels[index]!.gap.mean),
    short(level.onGenerated.mean),
    short(after.levels[index]!.onGenerated.mean),
  ]);
  const frozen = levels.flatMap((one) =>
    one.frozen === null ? [] : [`${one.level}, which ${one.frozen}`],
  );
  return [
    `${relative(process.cwd(), folder) || folder}: took step ${step}${frozen.length > 0 ? `; frozen: ${frozen.join('; ')}` : ''}`,
    '',
    table([['level', 'gap before', 'after', 'on generated before', 'after'], ...rows]),
    `whole samples: ${short(before.whole.drawn.mean)} before, ${short(after.whole.drawn.mean)} after; real images: ${short(after.whole.real)}`,
  ].join('\n');
}
