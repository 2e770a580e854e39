import { join, relative, resolve } from 'node:path';
import { LapyraError, parseSizeName, sizeName } from '@lapyra/core';
import { imageGrid, writePng } from '@lapyra/images';
import { drawSamples, type LevelSamples } from '@lapyra/runtime';
import { EXIT } from '../exit-codes.js';
import { boardHooks } from '../terminal/board-hooks.js';
import { printJson } from '../terminal/print-json.js';
import { createProgressBoard } from '../terminal/progress-board.js';

interface SampleOptions {
  readonly count: number;
  readonly seed: number;
  readonly class?: string;
  readonly reroll: readonly string[];
  readonly from?: string;
  readonly range: 'dewhitened' | 'stretched';
  readonly allLevels?: boolean;
  readonly out?: string;
  readonly backend: string;
  readonly json?: boolean;
}

/** `lapyra sample`: a grid of drawn images, or single files. */
export async function sample(run: string | undefined, options: SampleOptions): Promise<number> {
  const board = createProgressBoard(process.stderr);
  const samples = await drawSamples(
    {
      folder: process.cwd(),
      ...(run === undefined ? {} : { run }),
      count: options.count,
      seed: options.seed,
      reroll: rerolls(options.reroll),
      ...(options.class === undefined ? {} : { className: options.class }),
      ...(options.from === undefined ? {} : { from: options.from }),
      range: options.range,
      backend: options.backend,
    },
    boardHooks(board),
  ).finally(() => board.close());
  const wanted = options.allLevels ? samples.levels : samples.levels.slice(-1);
  const written = await write(wanted, options, samples.from);
  if (options.json) {
    const { from, backend } = samples;
    printJson({
      from,
      backend,
      seed: options.seed,
      count: options.count,
      range: options.range,
      written,
    });
  } else {
    const colours =
      options.range === 'dewhitened'
        ? 'colours of the training images'
        : 'each image stretched to its own range';
    const many =
      written.length > 4
        ? `${written.length} files in ${relative(process.cwd(), resolve(options.out!))}`
        : written.map((file) => relative(process.cwd(), file)).join(', ');
    process.stdout.write(
      `drew ${options.count} images with ${samples.backend}, seed ${options.seed} (${colours})\nwrote ${many}\n`,
    );
  }
  return EXIT.ok;
}

/** A path that ends in .png gets a grid, any other is a folder for single images. */
async function write(
  levels: readonly LevelSamples[],
  { out, seed }: SampleOptions,
  from: string,
): Promise<string[]> {
  const grid = out === undefined || out.toLowerCase().endsWith('.png');
  const written: string[] = [];
  for (const [index, level] of levels.entries()) {
    const { size, channels, pixels } = level;
    const suffix = index === levels.length - 1 ? '' : `-${level.level}`;
    if (grid) {
      const file =
        out === undefined
          ? join(from, 'samples', `seed-${seed}${suffix}.png`)
          : resolve(out.replace(/\.png$/i, `${suffix}.png`));
      // Small images are enlarged, so that a grid can be looked at.
      const scale = Math.max(1, Math.round(64 / Math.max(...size)));
      await writePng(file, imageGrid({ images: pixels, size, channels, scale }));
      written.push(file);
      continue;
    }
    const folder = index === levels.length - 1 ? resolve(out) : join(resolve(out), level.level);
    const one = size[0] * size[1] * channels;
    for (let at = 0; at * one < pixels.length; at += 1) {
      const file = join(folder, `${String(at).padStart(5, '0')}.png`);
      await writePng(file, { size, channels, pixels: pixels.subarray(at * one, (at + 1) * one) });
      written.push(file);
    }
  }
  return written;
}

function rerolls(given: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    given.map((text) => {
      const match = /^([^=]+)=(\d+)$/.exec(text);
      if (!match?.[1] || !match[2]) {
        throw new LapyraError(
          'LAPYRA_SAMPLE_OPTIONS',
          `reroll: expected SIZE=SEED, such as 14=7, got '${text}'.`,
        );
      }
      return [sizeName(parseSizeName(match[1])), Number(match[2])];
    }),
  );
}
