import { relative } from 'node:path';
import { sizeName } from '@lapyra/core';
import { noiseReport, type NoiseReport } from '@lapyra/runtime';
import pc from 'picocolors';
import { EXIT } from '../exit-codes.js';
import { boardHooks } from '../terminal/board-hooks.js';
import { printJson } from '../terminal/print-json.js';
import { createProgressBoard } from '../terminal/progress-board.js';
import { grouped, short } from '../terminal/quantity.js';
import { table } from '../terminal/table.js';

interface NoiseFlags {
  readonly level: readonly string[];
  readonly images: number;
  readonly redraws: number;
  readonly backend: string;
  readonly json?: boolean;
}

/** `lapyra noise`: how much of what each level draws its noise explains. */
export async function noise(run: string | undefined, options: NoiseFlags): Promise<number> {
  const board = createProgressBoard(process.stderr);
  const report = await noiseReport(
    {
      folder: process.cwd(),
      ...(run === undefined ? {} : { run }),
      levels: options.level,
      images: options.images,
      redraws: options.redraws,
      backend: options.backend,
    },
    boardHooks(board),
  ).finally(() => board.close());
  if (options.json) printJson(report);
  else process.stdout.write(`${describe(report)}\n`);
  return EXIT.ok;
}

function describe({ run, backend, levels }: NoiseReport): string {
  const number = (value: number | null): string => (value === null ? '' : short(value));
  const rows = levels.map((level) => [
    pc.bold(level.name),
    level.coarse ? `${sizeName(level.coarse)} → ${level.name}` : 'first',
    grouped(level.entropyBits),
    grouped(level.pixels),
    number(level.share),
    number(level.realAtMost),
    number(level.real > 0 ? (level.byNoise + level.byCoarse) / level.real : null),
  ]);
  const heading = ['level', 'place', 'noise bits', 'pixels', 'by noise', 'real', 'drawn/real'];
  const { images, redraws } = levels[0] ?? { images: 0, redraws: 0 };
  return [
    `${relative(process.cwd(), run) || run}: ${redraws} draws from each of ${grouped(images)} true coarse images, with ${backend}`,
    '',
    table([heading, ...rows]),
    '',
    pc.dim('by noise: share of the variance of the bands drawn that the noise explains'),
    pc.dim('real: of the variance of real bands, what the image below leaves open, at most'),
    pc.dim('drawn/real: variance of the bands drawn, in that of real ones'),
  ].join('\n');
}
