import { relative } from 'node:path';
import { type ClassifiedBy, type ClassifiedFeatures, classifyFeatures } from '@lapyra/runtime';
import { EXIT } from '../exit-codes.js';
import { boardHooks } from '../terminal/board-hooks.js';
import { printJson } from '../terminal/print-json.js';
import { createProgressBoard } from '../terminal/progress-board.js';
import { grouped } from '../terminal/quantity.js';
import { table } from '../terminal/table.js';

interface FeaturesOptions {
  readonly level?: string;
  readonly net: string;
  readonly layer?: string;
  readonly images: number;
  readonly seed: number;
  readonly backend: string;
  readonly json?: boolean;
}

/** `lapyra features`: what a linear classifier reads off a layer of a trained level, and off pixels. */
export async function features(run: string | undefined, options: FeaturesOptions): Promise<number> {
  const { level, layer, net } = options;
  const board = createProgressBoard(process.stderr);
  const found = await classifyFeatures(
    {
      folder: process.cwd(),
      ...(run === undefined ? {} : { run }),
      ...(level === undefined ? {} : { level }),
      network: net,
      ...(layer === undefined ? {} : { layer }),
      images: options.images,
      seed: options.seed,
      backend: options.backend,
    },
    boardHooks(board),
  ).finally(() => board.close());
  if (options.json) printJson(found);
  else process.stdout.write(`${describe(found)}\n`);
  return EXIT.ok;
}

function describe(found: ClassifiedFeatures): string {
  const { from, level, network, layer, shape, pooled, classes, images } = found;
  const row = (what: string, { width, accuracy }: ClassifiedBy): string[] => [
    what,
    grouped(width),
    percent(accuracy),
  ];
  const grid = pooled.join() === shape.join() ? '' : ` as ${pooled.join('×')}`;
  return [
    `level ${level} of ${relative(process.cwd(), from)}: a linear classifier of ${classes.length} classes, ` +
      `${grouped(images.train)} training images, ${grouped(images.test)} test images`,
    table([
      ['of each image', 'numbers', 'told right'],
      row(`${network} ${layer}, ${shape.join('×')}${grid}`, found.features),
      row('the same before training', found.untrained),
      row('pixels', found.pixels),
      ['chance', '', percent(1 / classes.length)],
    ]),
  ].join('\n');
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}
