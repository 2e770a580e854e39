import { relative } from 'node:path';
import { type GapReport, measureGap } from '@lapyra/runtime';
import type { Estimate } from '@lapyra/training';
import pc from 'picocolors';
import { EXIT } from '../exit-codes.js';
import { boardHooks } from '../terminal/board-hooks.js';
import { printJson } from '../terminal/print-json.js';
import { createProgressBoard } from '../terminal/progress-board.js';
import { grouped, short } from '../terminal/quantity.js';
import { table } from '../terminal/table.js';

interface GapFlags {
  readonly images: number;
  readonly rounds: number;
  readonly seed: number;
  readonly backend: string;
  readonly json?: boolean;
}

/** `lapyra gap`: how much worse levels are on generated coarse images, and where samples lose their quality. */
export async function gap(run: string | undefined, options: GapFlags): Promise<number> {
  const board = createProgressBoard(process.stderr);
  const { images, rounds, seed, backend } = options;
  const found = await measureGap(
    {
      folder: process.cwd(),
      ...(run === undefined ? {} : { run }),
      images,
      rounds,
      seed,
      backend,
    },
    boardHooks(board),
  ).finally(() => board.close());
  if (options.json) printJson(found);
  else process.stdout.write(`${describe(found)}\n`);
  return EXIT.ok;
}

function describe({ run, images, rounds, levels, whole, protocol }: GapReport): string {
  const scores = levels.map(({ level, onTrue, onGenerated, gap: difference, real }) => [
    pc.bold(level),
    shown(onTrue),
    shown(onGenerated),
    shown(difference),
    short(real),
  ]);
  const lost = whole.lost.map(({ level, distance }, index) => [
    pc.bold(level),
    shown(distance),
    shown(whole.fromTrue[index]!.distance),
  ]);
  return [
    `${relative(process.cwd(), run) || run}: ${grouped(images)} images, ${rounds} rounds`,
    '',
    table([['level', 'on true', 'on generated', 'gap', 'real'], ...scores]),
    pc.dim(protocol.levels),
    '',
    `whole samples: ${shown(whole.drawn)}; real images: ${short(whole.real)}`,
    table([['level', 'lost here', 'with truth up to here'], ...lost]),
    pc.dim(protocol.whole),
  ].join('\n');
}

function shown({ mean, deviation }: Estimate): string {
  return deviation > 0 ? `${short(mean)} ± ${deviation.toPrecision(1)}` : short(mean);
}
