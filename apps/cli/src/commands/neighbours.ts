import { join, relative, resolve } from 'node:path';
import { LapyraError } from '@lapyra/core';
import { imageGrid, writePng } from '@lapyra/images';
import { findNeighbours, type Neighbours, type NeighboursBy } from '@lapyra/runtime';
import { EXIT } from '../exit-codes.js';
import { boardHooks } from '../terminal/board-hooks.js';
import { printJson } from '../terminal/print-json.js';
import { createProgressBoard } from '../terminal/progress-board.js';
import { grouped, short } from '../terminal/quantity.js';
import { table } from '../terminal/table.js';

interface NeighboursOptions {
  readonly count: number;
  readonly seed: number;
  readonly class?: string;
  readonly nearest: number;
  readonly features?: string | true;
  readonly layer?: string;
  readonly out?: string;
  readonly backend: string;
  readonly json?: boolean;
}

/** `lapyra neighbours`: the training images nearest to drawn samples, beside what is typical of real images. */
export async function neighbours(
  run: string | undefined,
  options: NeighboursOptions,
): Promise<number> {
  const { features, layer, out } = options;
  if (layer !== undefined && features === undefined) {
    throw new LapyraError(
      'LAPYRA_REUSE_OPTIONS',
      `layer: expected --features beside it, got --layer ${layer} alone.`,
    );
  }
  if (out !== undefined && !out.toLowerCase().endsWith('.png')) {
    throw new LapyraError('LAPYRA_REUSE_OPTIONS', `out: expected a .png file, got '${out}'.`);
  }
  const board = createProgressBoard(process.stderr);
  const found = await findNeighbours(
    {
      folder: process.cwd(),
      ...(run === undefined ? {} : { run }),
      count: options.count,
      seed: options.seed,
      nearest: options.nearest,
      ...(options.class === undefined ? {} : { className: options.class }),
      ...(features === undefined ? {} : { features }),
      ...(layer === undefined ? {} : { layer }),
      backend: options.backend,
    },
    boardHooks(board),
  ).finally(() => board.close());
  const file = out ? resolve(out) : join(found.from, 'samples', `neighbours-${options.seed}.png`);
  await writeGrid(file, found, options);
  if (options.json) {
    const { from, backend, searched, by } = found;
    printJson({
      from,
      backend,
      seed: options.seed,
      searched,
      by: by.map(({ pixels: _, ...rest }) => rest),
      written: file,
    });
  } else {
    process.stdout.write(
      `${options.count} samples of ${relative(process.cwd(), found.from)}, seed ${options.seed}, beside ${grouped(found.searched)} training images\n` +
        `${describe(found)}\nwrote ${relative(process.cwd(), file)}: each sample, then its nearest\n`,
    );
  }
  return EXIT.ok;
}

/** A row a sample: the sample, a gap, the nearest by pixels, a gap, the nearest by features. */
async function writeGrid(
  file: string,
  { size, channels, samples, by }: Neighbours,
  { count, nearest }: NeighboursOptions,
): Promise<void> {
  const one = size[0] * size[1] * channels;
  const gap = new Uint8Array(one).fill(255);
  const part = (pixels: Uint8Array, from: number, many: number): Uint8Array =>
    pixels.subarray(from * one, (from + many) * one);
  const rows = Array.from({ length: count }, (_, row) => [
    part(samples, row, 1),
    ...by.flatMap(({ pixels }) => [gap, part(pixels, row * nearest, nearest)]),
  ]);
  await writePng(
    file,
    imageGrid({
      images: Buffer.concat(rows.flat()),
      size,
      channels,
      columns: 1 + by.length * (1 + nearest),
      // Small images are enlarged, so that a grid can be looked at.
      scale: Math.max(1, Math.round(64 / Math.max(...size))),
    }),
  );
}

function describe({ by }: Neighbours): string {
  const heading = [
    'distance by',
    'samples: least',
    'median',
    'kept aside: least',
    '1 in 20',
    'median',
    'samples nearer than 1 in 20',
  ];
  return table([heading, ...by.map((one) => cells(one))]);
}

function cells({ measure, samples, summary }: NeighboursBy): string[] {
  const { keptAside, nearer } = summary;
  const others = keptAside
    ? [keptAside.least, keptAside.twentieth, keptAside.median].map((value) => short(value))
    : ['', '', ''];
  return [
    measure,
    short(summary.samples.least),
    short(summary.samples.median),
    ...others,
    keptAside ? `${nearer} of ${samples.length}` : '',
  ];
}
