import { type Plan, planPyramid } from '@lapyra/runtime';
import { sizeName } from '@lapyra/core';
import pc from 'picocolors';
import { configOptions, type ConfigFlags } from '../config-options.js';
import { EXIT } from '../exit-codes.js';
import { boardHooks } from '../terminal/board-hooks.js';
import { printJson } from '../terminal/print-json.js';
import { createProgressBoard } from '../terminal/progress-board.js';
import { bytes, duration, grouped, short } from '../terminal/quantity.js';
import { table } from '../terminal/table.js';

/** `lapyra plan`: what training will be. */
export async function plan(options: ConfigFlags & { readonly json?: boolean }): Promise<number> {
  const board = createProgressBoard(process.stderr);
  const found = await planPyramid(configOptions(options), boardHooks(board)).finally(() =>
    board.close(),
  );
  if (options.json) printJson(found);
  else process.stdout.write(`${describe(found)}\n`);
  return EXIT.ok;
}

function describe({
  name,
  data,
  transform,
  condition,
  backend,
  levels,
  entropyBits,
}: Plan): string {
  const rows = levels.map((level) => [
    pc.bold(level.name),
    level.coarse ? `${sizeName(level.coarse)} → ${level.name}` : 'first',
    level.model.replace('@lapyra/', ''),
    grouped(level.parameters),
    grouped(level.entropyBits),
    grouped(level.pixels),
    level.origin ? 'taken' : grouped(level.steps),
    level.cost ? short(level.cost.flop / 1e9) : '',
    level.cost ? `${short(level.cost.seconds * 1000)} ms` : '',
    level.memory === null ? '' : bytes(level.memory),
    level.cost ? duration(level.cost.seconds * level.steps) : '',
  ]);
  const heading = [
    'level',
    'place',
    'model',
    'parameters',
    'noise bits',
    'pixels',
    'steps',
    'GFLOP/step',
    'time/step',
    'memory',
    'in all',
  ];
  return [
    `${pc.bold(name)}: ${data.name}, ${grouped(data.images)} training images, crops of ${sizeName(data.crop)} with ${data.channels} channels`,
    `${transform}, condition ${condition}, noise of ${grouped(entropyBits)} bits an image`,
    backend,
    '',
    table([heading, ...rows]),
    ...levels.flatMap(({ name: level, notes }) => notes.map((note) => `level ${level} ${note}`)),
    '',
    pc.dim('Times are estimates for one thread; memory is that of the whole process of a level.'),
  ].join('\n');
}
