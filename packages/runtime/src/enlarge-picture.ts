import {
  conditionWidth,
  type ImageBatch,
  imageBatch,
  LapyraError,
  nearestName,
  type PlainTransform,
  type Size,
  sizeName,
  transformGain,
  whiten,
  dewhiten,
  type Whitening,
} from '@lapyra/core';
import { enlargedSize, enlargeImage, type LevelRunner } from '@lapyra/sampling';
import { classOf } from './class-of.js';
import { isExport, openExportSource } from './image-source.js';
import { openTrainedRun } from './open-trained-run.js';
import type { WorkHooks } from './prepare-data.js';
import { findProject, type Project } from './project.js';
import { findRun } from './stored/find-run.js';

export interface EnlargeRequest {
  readonly folder: string;
  /** Name of a run, or the folder of a run or of an export. Default: the run touched last. */
  readonly run?: string;
  /** A picture file. */
  readonly picture: string;
  /** Names of the levels that are applied, in order. Default: the finest. */
  readonly levels: readonly string[];
  /** How often the last of them is applied. */
  readonly times: number;
  readonly seed: number;
  /** Name of a class, for a class-conditional pyramid. */
  readonly className?: string;
  /** Least overlap of tiles, in pixels of the image below. Default: half a tile. */
  readonly overlap?: number;
  readonly backend: string;
}

export interface Enlarged {
  /** The folder that was drawn from. */
  readonly from: string;
  readonly backend: string;
  /** Names of the levels as they were applied. */
  readonly levels: readonly string[];
  readonly before: Size;
  readonly picture: {
    readonly size: Size;
    readonly channels: 1 | 3 | 4;
    readonly pixels: Uint8Array;
  };
}

/** Beyond this many pixels an enlarged picture is taken for a mistake. */
const MOST_PIXELS = 2 ** 26;

/**
 * Enlarge a picture of any size with refining levels of a trained run or an export, tile by tile. Alpha that the pyramid does not
 * have is enlarged by its transform.
 *
 * @throws {LapyraError} `LAPYRA_ENLARGE_*`, `LAPYRA_RUN_*`, `LAPYRA_EXPORT_*`, `LAPYRA_BACKEND_*`, `LAPYRA_IMAGE_*`
 */
export async function enlargePicture(request: EnlargeRequest, hooks: WorkHooks): Promise<Enlarged> {
  const project = findProject(request.folder);
  const folder = findRun(project.folder, request.run);
  const source = await openLevels(project, folder, request);
  try {
    return { from: folder, backend: source.backend, ...(await enlarge(source, request, hooks)) };
  } finally {
    await source.dispose();
  }
}

/** The levels that are applied, and what it takes to get to pixels and back. */
interface Source {
  readonly backend: string;
  /** Sizes of the whole pyramid. */
  readonly sizes: readonly Size[];
  /** Each level to apply, once. */
  readonly runners: readonly LevelRunner[];
  readonly whitening: Whitening;
  readonly plain: PlainTransform;
  dispose(): Promise<void>;
}

async function openLevels(
  project: Project,
  folder: string,
  { levels, backend }: EnlargeRequest,
): Promise<Source> {
  if (isExport(folder)) {
    const source = await openExportSource(project, folder, backend);
    try {
      const wanted = pick(
        source.runners.map(({ name, place }) => ({ name, ...place })),
        levels,
      );
      const runners = wanted.map((name) => source.runners.find((one) => one.name === name)!);
      return { ...source, sizes: source.runners.map(({ place }) => place.size), runners };
    } catch (error) {
      await source.dispose();
      throw error;
    }
  }
  const run = await openTrainedRun({ folder: project.folder, run: folder, backend });
  try {
    const wanted = pick(
      run.levels.map(({ place }) => ({ name: sizeName(place.size), ...place })),
      levels,
    );
    return {
      backend: run.engine.id,
      sizes: run.levels.map(({ place }) => place.size),
      runners: await Promise.all(wanted.map((name) => run.runner(name))),
      whitening: run.whitening,
      plain: run.transform.plain,
      dispose: () => run.dispose(),
    };
  } catch (error) {
    await run.dispose();
    throw error;
  }
}

/** Names of the wanted levels; the finest if none are named. */
function pick(
  levels: readonly { readonly name: string; readonly coarse: Size | null }[],
  wanted: readonly string[],
): readonly string[] {
  const refining = levels.filter(({ coarse }) => coarse !== null).map(({ name }) => name);
  if (refining.length === 0) {
    throw new LapyraError(
      'LAPYRA_ENLARGE_LEVEL',
      'enlarge: expected a pyramid with a refining level, got a first level alone.',
    );
  }
  for (const name of wanted) {
    if (refining.includes(name)) continue;
    const near = nearestName(name, refining);
    throw new LapyraError(
      'LAPYRA_ENLARGE_LEVEL',
      `level: expected a refining level of ${refining.join(', ')}, got '${name}'.`,
      near === undefined ? {} : { hint: `Did you mean ${near}?` },
    );
  }
  return wanted.length > 0 ? wanted : [refining.at(-1)!];
}

async function enlarge(
  source: Source,
  request: EnlargeRequest,
  hooks: WorkHooks,
): Promise<Omit<Enlarged, 'from' | 'backend'>> {
  const { runners, sizes, plain } = source;
  const { channels } = runners[0]!.place as { channels: 1 | 3 | 4 };
  const applied = [...runners, ...Array.from({ length: request.times - 1 }, () => runners.at(-1)!)];
  const { decodeImage, convertChannels } = await import('@lapyra/images');
  const decoded = await decodeImage(request.picture);
  const before = decoded.size;
  let size = before;
  for (const level of applied) size = enlargedSize(level, size);
  if (size[0] * size[1] > MOST_PIXELS) {
    throw new LapyraError(
      'LAPYRA_ENLARGE_SIZE',
      `enlarge: expected a result of at most ${MOST_PIXELS} pixels, got ${sizeName(size)}.`,
      { hint: 'Enlarge fewer times, or cut the picture.' },
    );
  }
  const condition = conditionOf(runners[0]!, request.className);
  const whitening =
    source.whitening.kind === 'pixel' ? averaged(source.whitening) : source.whitening;
  if (whitening !== source.whitening)
    hooks.notice(
      'the run whitens each pixel position by itself: a picture of any size is whitened by their mean',
    );
  const hasAlpha = decoded.channels === 4 && channels !== 4;
  const colours = hasAlpha ? withoutAlpha(decoded.pixels) : decoded.pixels;
  const opaque = convertChannels(
    { size: before, channels: hasAlpha ? 3 : decoded.channels, pixels: colours },
    channels,
  );
  const gain = (at: Size): number =>
    transformGain(
      plain,
      sizes,
      sizes.findIndex((one) => sizeName(one) === sizeName(at)),
    );
  let image = whiten(opaque.pixels, [1, ...before, channels], whitening);
  let alpha = hasAlpha ? alphaOf(decoded.pixels, before) : null;
  let level: LevelRunner = runners[0]!;
  for (const [pass, next] of applied.entries()) {
    level = next;
    const { coarse, size: own } = level.place;
    // Whitened images have gain 1; those of a level have the level's.
    const given = gain(coarse!) / (pass === 0 ? 1 : gain(applied[pass - 1]!.place.size));
    const last = gain(own) / gain(coarse!);
    if (alpha) {
      const larger = plain.upsample(alpha, enlargedSize(level, [alpha.shape[1], alpha.shape[2]]));
      alpha = scaled(larger, 1 / last);
    }
    image = await enlargeImage(level, plain, scaled(image, given), {
      seed: request.seed,
      pass,
      ...(condition ? { condition } : {}),
      ...(request.overlap === undefined ? {} : { overlap: request.overlap }),
      work: {
        signal: new AbortController().signal,
        report: ({ done, total }) =>
          hooks.progress({
            what: `enlarging with level ${next.name}, ${pass + 1} of ${applied.length}`,
            done,
            total,
            unit: 'tiles',
          }),
      },
    });
  }
  const pixels = dewhiten(image, whitening, gain(level.place.size));
  return {
    levels: applied.map(({ name }) => name),
    before,
    picture: alpha
      ? { size, channels: 4, pixels: joined({ size, channels, pixels }, alpha) }
      : { size, channels, pixels },
  };
}

function conditionOf({ place }: LevelRunner, className?: string): Float32Array | undefined {
  const { condition } = place;
  const classes = classOf(condition, className);
  if (condition.kind === 'none') return undefined;
  if (!classes) {
    throw new LapyraError(
      'LAPYRA_ENLARGE_CLASS',
      condition.kind === 'classes'
        ? `class: expected one of ${condition.names.join(', ')}, got none.`
        : 'enlarge: expected a pyramid without a condition or with classes, got one of embeddings.',
      condition.kind === 'classes' ? { hint: 'Say what the picture shows with --class.' } : {},
    );
  }
  const vector = new Float32Array(conditionWidth(condition));
  vector[classes[0]!] = 1;
  return vector;
}

/** A whitening by position as one by channel. */
function averaged({ shape, mean, scale }: Whitening): Whitening {
  const channels = shape[3];
  const average = (values: Float32Array): Float32Array => {
    const sums = new Float32Array(channels);
    values.forEach((value, at) => (sums[at % channels]! += value / (values.length / channels)));
    return sums;
  };
  return {
    kind: 'channel',
    shape: [1, 1, 1, channels],
    mean: average(mean),
    scale: average(scale),
  };
}

function scaled(image: ImageBatch, factor: number): ImageBatch {
  if (factor === 1) return image;
  return imageBatch(
    image.shape,
    image.data.map((value) => value * factor),
  );
}

/** [H, W, 4] → [H, W, 3], colours as they are stored. */
function withoutAlpha(pixels: Uint8Array): Uint8Array {
  return pixels.filter((_, at) => at % 4 !== 3);
}

function alphaOf(pixels: Uint8Array, size: Size): ImageBatch {
  const alpha = Float32Array.from(pixels.filter((_, at) => at % 4 === 3));
  return imageBatch([1, ...size, 1], alpha);
}

/** Colours, or grey, with alpha: [H, W, 4]. */
function joined(
  {
    pixels,
    channels,
  }: { readonly size: Size; readonly channels: number; readonly pixels: Uint8Array },
  alpha: ImageBatch,
): Uint8Array {
  const opacity = new Uint8ClampedArray(alpha.data);
  const result = new Uint8Array(opacity.length * 4);
  for (let at = 0; at < opacity.length; at += 1) {
    for (let c = 0; c < 3; c += 1)
      result[at * 4 + c] = pixels[at * channels + (channels === 1 ? 0 : c)]!;
    result[at * 4 + 3] = opacity[at]!;
  }
  return result;
}
