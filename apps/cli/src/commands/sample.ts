import { writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { LapyraError, parseSizeName, sizeName } from '@lapyra/core';
import { imageGrid, writePng } from '@lapyra/images';
import { drawSamples, type LevelSamples, type Samples } from '@lapyra/runtime';
import { EXIT } from '../exit-codes.js';
import { boardHooks } from '../terminal/board-hooks.js';
import { printJson } from '../terminal/print-json.js';
import { createProgressBoard } from '../terminal/progress-board.js';

interface SampleOptions {
  readonly count?: number;
  readonly text: readonly string[];
  readonly interpolate?: readonly string[];
  readonly style?: string;
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
export async function sample(named: string | undefined, options: SampleOptions): Promise<number> {
  const { run, between } = interpolated(named, options.interpolate);
  const board = createProgressBoard(process.stderr);
  const samples = await drawSamples(
    {
      folder: process.cwd(),
      ...(run === undefined ? {} : { run }),
      ...(options.count === undefined ? {} : { count: options.count }),
      ...(options.text.length > 0 ? { texts: options.text } : {}),
      ...(between === undefined ? {} : { between }),
      ...(options.style === undefined ? {} : { style: options.style }),
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
  const written = await write(wanted, options, samples);
  const finest = samples.levels.at(-1)!;
  const count = finest.pixels.length / (finest.size[0] * finest.size[1] * finest.channels);
  if (options.json) {
    const { from, backend } = samples;
    printJson({
      from,
      backend,
      seed: options.seed,
      count,
      ...(samples.captions ? { captions: samples.captions } : {}),
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
      `drew ${count} images with ${samples.backend}, seed ${options.seed} (${colours})\nwrote ${many}\n`,
    );
  }
  return EXIT.ok;
}

/** A path that ends in .png gets a grid, any other is a folder for single images. */
async function write(
  levels: readonly LevelSamples[],
  { out, seed }: SampleOptions,
  { from, rows, captions }: Samples,
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
      const shown = rows ? { columns: rows.columns, rowLabels: rows.labels } : {};
      await writePng(file, imageGrid({ images: pixels, size, channels, scale, ...shown }));
      written.push(file);
      if (captions && !rows && index === levels.length - 1)
        written.push(await writeCaptions(file.replace(/\.png$/i, '.captions.txt'), captions));
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

/**
 * What each image of a grid was drawn for, one a line: in a file of a name of its own, since beside a picture `x.png` its
 * caption may stand in `x.txt`.
 */
async function writeCaptions(file: string, captions: readonly string[]): Promise<string> {
  await writeFile(file, `${captions.join('\n')}\n`);
  return file;
}

/**
 * The two texts behind `--interpolate`, and the run. The flag takes all that follows it up to the next one: a third name is
 * the run's.
 */
function interpolated(
  run: string | undefined,
  given: readonly string[] | undefined,
): { readonly run?: string; readonly between?: readonly [string, string] } {
  const named = run === undefined ? {} : { run };
  if (given === undefined) return named;
  const [from, to, behind, ...more] = given;
  if (from !== undefined && to !== undefined && more.length === 0) {
    if (behind === undefined) return { ...named, between: [from, to] };
    if (run === undefined) return { run: behind, between: [from, to] };
  }
  throw new LapyraError(
    'LAPYRA_SAMPLE_OPTIONS',
    `interpolate: expected two texts${run === undefined ? ', and the run behind them' : ` beside the run ${run}`}, got ${given.length}: ${given.map((text) => `'${text}'`).join(', ')}.`,
    { hint: 'Put each of the texts into quotes.' },
  );
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
