import { relative, resolve } from 'node:path';
import { LapyraError, sizeName } from '@lapyra/core';
import { imageGrid, writePng } from '@lapyra/images';
import { type Preview, previewData, type PreviewPicture } from '@lapyra/runtime';
import pc from 'picocolors';
import { configOptions, type ConfigFlags } from '../config-options.js';
import { EXIT } from '../exit-codes.js';
import { boardHooks } from '../terminal/board-hooks.js';
import { printJson } from '../terminal/print-json.js';
import { createProgressBoard } from '../terminal/progress-board.js';
import { grouped, short } from '../terminal/quantity.js';
import { table } from '../terminal/table.js';

interface PreviewFlags extends ConfigFlags {
  readonly images?: number;
  readonly out: string;
  readonly json?: boolean;
}

/** `lapyra preview`: the images of a config taken apart, and what is in the parts. */
export async function preview(options: PreviewFlags): Promise<number> {
  const file = resolve(options.out);
  if (!file.toLowerCase().endsWith('.png')) {
    throw new LapyraError(
      'LAPYRA_PREVIEW_OUT',
      `preview: expected a .png file to write, got '${options.out}'.`,
    );
  }
  const board = createProgressBoard(process.stderr);
  const found = await previewData(
    {
      ...configOptions(options),
      ...(options.images === undefined ? {} : { images: options.images }),
    },
    boardHooks(board),
  ).finally(() => board.close());
  await writePng(file, draw(found.picture));
  const { picture: _, ...statistics } = found;
  if (options.json) printJson({ ...statistics, written: file });
  else process.stdout.write(`${describe(found)}\nwrote ${relative(process.cwd(), file)}\n`);
  return EXIT.ok;
}

function draw({ size, channels, columns, rows }: PreviewPicture): ReturnType<typeof imageGrid> {
  return imageGrid({
    images: Buffer.concat(rows.map(({ pixels }) => pixels)),
    size,
    channels,
    columns,
    scale: Math.max(1, Math.round(64 / Math.max(...size))),
    rowLabels: rows.map(({ label }) => label),
  });
}

function describe({
  name,
  data,
  levels,
  protocol,
  bits,
  directBits,
  rawBits,
  entropyBits,
}: Preview): string {
  const number = (value: number | null): string => (value === null ? '' : short(value));
  const rows = levels.map((level) => [
    pc.bold(level.name),
    level.coarse ? `${sizeName(level.coarse)} → ${level.name}` : 'first',
    number(level.deviation),
    number(level.kurtosis),
    number(level.small),
    number(level.predictable),
    number(level.bitsPerPixel.alone),
    number(level.bitsPerPixel.fromCoarse),
    number(level.bitsPerPixel.fromNeighbours),
    grouped(level.bits),
    grouped(level.entropyBits),
  ]);
  const sum = ['', 'in all', '', '', '', '', '', '', '', grouped(bits), grouped(entropyBits)];
  const heading = [
    'level',
    'place',
    'deviation',
    'kurtosis',
    'small',
    'predictable',
    'alone',
    'coarse',
    'neighbours',
    'bits',
    'noise bits',
  ];
  const finest = levels.at(-1)!;
  return [
    `${pc.bold(name)}: ${data.name}, ${grouped(data.images)} training images, crops of ${sizeName(data.crop)} with ${data.channels} channels`,
    protocol,
    '',
    table([heading, ...rows, sum]),
    '',
    `an image of ${finest.name} without a pyramid: ${grouped(directBits)} bits; uncoded: ${grouped(rawBits)}`,
    pc.dim(
      'deviation, kurtosis: of the band (first level: of the image), in units of 8-bit pixels',
    ),
    pc.dim('small: share of the band below a tenth of its deviation (normal 0.08, Laplacian 0.13)'),
    pc.dim(
      'predictable: share of its variance that a linear regression on the image below explains',
    ),
    pc.dim(
      'alone, coarse, neighbours: bits a pixel, of the band, after predicting it from the image',
    ),
    pc.dim('  below, and also from values above and to the left. Upper bounds of the entropy'),
    pc.dim('bits: the least of them for an image; noise bits: what the level draws at random'),
  ].join('\n');
}
