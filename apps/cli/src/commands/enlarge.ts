import { relative, resolve } from 'node:path';
import { parseSizeName, sizeName } from '@lapyra/core';
import { writePng } from '@lapyra/images';
import { enlargePicture } from '@lapyra/runtime';
import { EXIT } from '../exit-codes.js';
import { boardHooks } from '../terminal/board-hooks.js';
import { printJson } from '../terminal/print-json.js';
import { createProgressBoard } from '../terminal/progress-board.js';

interface EnlargeOptions {
  readonly out: string;
  readonly times: number;
  readonly level: readonly string[];
  readonly seed: number;
  readonly class?: string;
  readonly overlap?: number;
  readonly backend: string;
  readonly json?: boolean;
}

/** `lapyra enlarge`: a picture of any size through refining levels. */
export async function enlarge(
  run: string,
  picture: string,
  options: EnlargeOptions,
): Promise<number> {
  const board = createProgressBoard(process.stderr);
  const enlarged = await enlargePicture(
    {
      folder: process.cwd(),
      run,
      picture,
      times: options.times,
      levels: options.level.map((name) => sizeName(parseSizeName(name))),
      seed: options.seed,
      ...(options.class === undefined ? {} : { className: options.class }),
      ...(options.overlap === undefined ? {} : { overlap: options.overlap }),
      backend: options.backend,
    },
    boardHooks(board),
  ).finally(() => board.close());
  const file = resolve(options.out);
  await writePng(file, enlarged.picture);
  const { from, backend, levels, before } = enlarged;
  const { size } = enlarged.picture;
  if (options.json) printJson({ from, backend, levels, before, size, seed: options.seed, file });
  else
    process.stdout.write(
      `enlarged ${sizeName(before)} to ${sizeName(size)} with level ${levels.join(', ')} (${backend}, seed ${options.seed})\nwrote ${relative(process.cwd(), file)}\n`,
    );
  return EXIT.ok;
}
