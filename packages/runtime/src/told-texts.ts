// What a pyramid of texts or vectors is to draw: given texts, steps between two of them, or captions of its own images.
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { conditionWidth, type Engine, LapyraError, randomStream } from '@lapyra/core';
import { type CaptionStore, openCaptionStore, openRun } from '@lapyra/training';
import { captionFile } from './caption-source.js';
import { createEncoder } from './composition/pyramid.js';
import type { TrainedRun } from './open-trained-run.js';
import type { Project } from './project.js';

/** What was asked for. */
export interface AskedTexts {
  readonly texts: readonly string[];
  /** Two texts, between whose vectors the images lie in even steps. */
  readonly between: readonly [string, string] | null;
  /** Images a text, or steps; without texts: images. Default: 8; without texts 64. */
  readonly count: number | undefined;
  readonly seed: number;
}

/** What the images are drawn for, one after the other. */
export interface ToldTexts {
  readonly count: number;
  /** [count, width]. */
  readonly embeddings: Float32Array;
  /** Which image's noise each is drawn from: the same in every row. */
  readonly noiseOf: readonly number[];
  /** A word for each row of {@link ToldTexts.columns} images; `null`: no rows. */
  readonly rows: readonly string[] | null;
  readonly columns: number | null;
  /** The text of each image, as far as there is one. */
  readonly captions: readonly string[];
}

const EACH = 8;
const ALONE = 64;

/**
 * @throws {LapyraError} `LAPYRA_SAMPLE_OPTIONS` if the run takes no texts, or nothing is said and its captions are no longer in the cache;
 * `LAPYRA_RUN_DATA` if its encoder makes other vectors by now; what the encoder says of texts that it cannot read
 */
export async function tellTexts(
  project: Project,
  run: TrainedRun,
  asked: AskedTexts,
): Promise<ToldTexts> {
  const { texts, between } = asked;
  const given = between ?? texts;
  if (given.length === 0) return captionsOf(run, asked);
  const vectors = await encode(project, run, given, run.engine);
  const width = conditionWidth(run.shape.condition);
  const columns = asked.count ?? EACH;
  const vector = (index: number): Float32Array =>
    vectors.subarray(index * width, (index + 1) * width);
  if (!between) {
    const count = texts.length * columns;
    const all = Array.from({ length: count }, (_, image) => Math.floor(image / columns));
    return {
      count,
      embeddings: joined(all.map(vector), width),
      noiseOf: Array.from({ length: count }, (_, image) => image % columns),
      rows: texts,
      columns,
      captions: all.map((index) => texts[index]!),
    };
  }
  const steps = Array.from({ length: columns }, (_, image) => image / Math.max(1, columns - 1));
  const [from, to] = [vector(0), vector(1)];
  const mixed = steps.map((share) =>
    from.map((value, at) => (1 - share) * value + share * to[at]!),
  );
  return {
    count: columns,
    embeddings: joined(mixed, width),
    noiseOf: steps.map(() => 0),
    rows: [`${between[0]} - ${between[1]}`],
    columns,
    captions: steps.map(
      (share) =>
        `${between[0]} ${((1 - share) * 100).toFixed(0)} %, ${between[1]} ${(share * 100).toFixed(0)} %`,
    ),
  };
}

/** By the run's own encoder. */
async function encode(
  project: Project,
  { config, shape, folder }: TrainedRun,
  texts: readonly string[],
  engine: Engine,
): Promise<Float32Array> {
  const encoder = await createEncoder(project, config);
  const { condition } = shape;
  if (encoder && condition.kind === 'embedding' && encoder.fingerprint !== condition.of)
    throw new LapyraError(
      'LAPYRA_RUN_DATA',
      `run ${basename(folder)}: expected the encoder that it was trained with (${condition.of ?? 'none'}), got another (${encoder.fingerprint}).`,
      { hint: 'The levels know no other vectors: bring that version of the encoder back.' },
    );
  if (encoder) return encoder.encode(texts, { engine, signal: new AbortController().signal });
  throw new LapyraError(
    'LAPYRA_SAMPLE_OPTIONS',
    `text: expected a run whose condition is a text, got one with the condition ${JSON.stringify(config.condition)}.`,
    config.condition === 'embedding'
      ? {
          hint: 'Its levels take vectors that its dataset brings: without --text it draws for those of its images.',
        }
      : {},
  );
}

/** Captions of validation images, drawn by the seed. */
async function captionsOf(
  run: TrainedRun,
  { count = ALONE, seed }: AskedTexts,
): Promise<ToldTexts> {
  const { captions: fingerprint } = (await openRun(run.folder)).manifest;
  const file = fingerprint === undefined ? null : captionFile(fingerprint);
  if (file === null || !existsSync(file))
    throw new LapyraError(
      'LAPYRA_SAMPLE_OPTIONS',
      "text: expected something to draw, got nothing, and the captions of the run's images are not in the cache any more.",
      { hint: 'Say it with --text, or run lapyra train once more: it makes them anew.' },
    );
  const { validation } = run.config.data;
  const store = openCaptionStore(file, validation === null ? {} : { validation });
  try {
    return draw(store, count, seed);
  } finally {
    store.close();
  }
}

function draw(store: CaptionStore, count: number, seed: number): ToldTexts {
  const split = store.count.validation > 0 ? 'validation' : 'train';
  const images = randomStream(seed, 'sample', 'caption').integers(count, store.count[split]);
  const embeddings = new Float32Array(count * store.width);
  images.forEach((image, at) => store.readInto(split, image, 0, embeddings, at * store.width));
  return {
    count,
    embeddings,
    noiseOf: Array.from(images.keys()),
    rows: null,
    columns: null,
    captions: Array.from(images, (image) => store.text(split, image, 0) ?? ''),
  };
}

function joined(vectors: readonly Float32Array[], width: number): Float32Array {
  const all = new Float32Array(vectors.length * width);
  vectors.forEach((vector, index) => all.set(vector, index * width));
  return all;
}
