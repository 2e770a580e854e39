import { measureLikelihood } from '@lapyra/runtime';
import { EXIT } from '../exit-codes.js';
import { boardHooks } from '../terminal/board-hooks.js';
import { printJson } from '../terminal/print-json.js';
import { createProgressBoard } from '../terminal/progress-board.js';
import { grouped } from '../terminal/quantity.js';
import { table } from '../terminal/table.js';

interface LikelihoodOptions {
  readonly level: readonly string[];
  readonly split: 'test' | 'validation';
  readonly count?: number;
  readonly backend: string;
  readonly json?: boolean;
}

/** `lapyra likelihood`: bits per dimension of held-out images. */
export async function likelihood(
  run: string | undefined,
  options: LikelihoodOptions,
): Promise<number> {
  const board = createProgressBoard(process.stderr);
  const { level: levels, split, count, backend } = options;
  const found = await measureLikelihood(
    {
      folder: process.cwd(),
      ...(run === undefined ? {} : { run }),
      levels,
      split,
      ...(count === undefined ? {} : { count }),
      backend,
    },
    boardHooks(board),
  ).finally(() => board.close());
  if (options.json) {
    printJson(found);
    return EXIT.ok;
  }
  const bits = (value: number): string => value.toFixed(3);
  const heading = ['level', 'model', 'bits/dimension', '±', 'independent pixels', 'uniform'];
  const rows = found.levels.map((one) => [
    one.level,
    one.model.slice(one.model.indexOf('/') + 1),
    bits(one.bits),
    bits(one.standardError),
    bits(one.independent),
    String(one.uniform),
  ]);
  const images = `${grouped(found.levels[0]?.images ?? 0)} ${found.split} images, 8 bits a number`;
  process.stdout.write(`${found.run}: ${images}\n${table([heading, ...rows])}\n`);
  return EXIT.ok;
}
