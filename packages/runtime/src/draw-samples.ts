import {
  dewhiten,
  type ImageBatch,
  imageBatch,
  LapyraError,
  plainViews,
  type Size,
  sizeName,
  stretch,
  transformGain,
  whiten,
} from '@lapyra/core';
import { samplePyramid } from '@lapyra/sampling';
import { classOf } from './class-of.js';
import { findStyle } from './find-style.js';
import { type ImageSource, isExport, openExportSource } from './image-source.js';
import { openTrainedRun } from './open-trained-run.js';
import type { WorkHooks } from './prepare-data.js';
import { findProject, type Project } from './project.js';
import { findRun } from './stored/find-run.js';
import { tellTexts, type ToldTexts } from './told-texts.js';

export interface SampleRequest {
  readonly folder: string;
  /** Name of a run, or the folder of a run or of an export. Default: the run touched last. */
  readonly run?: string;
  /** Images; with `texts` images of each, with `between` steps. Default: 64; 8 with either. */
  readonly count?: number;
  readonly seed: number;
  /** Level name → seed. */
  readonly reroll?: Readonly<Record<string, number>>;
  /** Name of a class. */
  readonly className?: string;
  /** Of a pyramid that is told texts: a row of images for each, all rows from the same noise. */
  readonly texts?: readonly string[];
  /** Of such a pyramid: a row of images from one text to another, all from the same noise. */
  readonly between?: readonly [string, string];
  /** A picture file in whose style the first level draws. */
  readonly style?: string;
  /** A picture file to start from. */
  readonly from?: string;
  /** `dewhitened`: the colours of the training images. `stretched`: each image from its darkest to its brightest value. */
  readonly range: 'dewhitened' | 'stretched';
  readonly backend: string;
}

/** The images of one level as pixels. */
export interface LevelSamples {
  readonly level: string;
  readonly size: Size;
  readonly channels: 1 | 3 | 4;
  /** uint8 [count, H, W, C]. */
  readonly pixels: Uint8Array;
}

export interface Samples {
  /** The folder that was drawn from. */
  readonly from: string;
  readonly backend: string;
  /** From coarse to fine, beginning with the level that was started from. */
  readonly levels: readonly LevelSamples[];
  /** Of a pyramid that is told texts: what each image was drawn for. */
  readonly captions: readonly string[] | null;
  /** Rows of the images, where there are: a word for each, and the images in a row. */
  readonly rows: { readonly labels: readonly string[]; readonly columns: number } | null;
}

/**
 * Draw images from a trained run or an exported folder.
 *
 * @throws {LapyraError} `LAPYRA_RUN_*`, `LAPYRA_SAMPLE_*`, `LAPYRA_EXPORT_*`, `LAPYRA_BACKEND_*`, `LAPYRA_IMAGE_*`
 */
export async function drawSamples(request: SampleRequest, hooks: WorkHooks): Promise<Samples> {
  const project = findProject(request.folder);
  const folder = findRun(project.folder, request.run);
  const source = isExport(folder)
    ? await openExportSource(project, folder, request.backend)
    : await openRunSource(project, folder, request.backend);
  try {
    for (const line of source.notices) hooks.notice(line);
    const told = await tell(project, source, request);
    const levels = await draw(source, request, told, hooks);
    return {
      from: folder,
      backend: source.backend,
      levels,
      captions: told?.captions ?? null,
      rows: told?.rows && told.columns ? { labels: told.rows, columns: told.columns } : null,
    };
  } finally {
    await source.dispose();
  }
}

/** What the images are drawn for; `null` for a pyramid that is told no texts and no vectors. */
async function tell(
  project: Project,
  { run, runners }: ImageSource,
  { texts = [], between, style, count, seed, from, reroll = {} }: SampleRequest,
): Promise<ToldTexts | null> {
  const { kind } = runners[0]!.place.condition;
  const refuse = (message: string, hint: string): never => {
    throw new LapyraError('LAPYRA_SAMPLE_OPTIONS', message, { hint });
  };
  if (between && texts.length > 0)
    refuse(
      'text: expected either texts or two to draw between, got both.',
      'Leave one of them out.',
    );
  const asksText = texts.length > 0 || between !== undefined;
  if (style !== undefined && !run)
    refuse('style: expected a trained run, got an export.', 'Draw from the run itself.');
  const first = runners[0]!.name;
  if (style !== undefined && (from !== undefined || first in reroll))
    refuse(
      `style: expected level ${first} to draw from the noise found for the picture, got ${from === undefined ? 'another seed for it' : 'an image to start from'}.`,
      'Leave one of them out.',
    );
  if (kind !== 'embedding') {
    if (asksText)
      refuse(
        'text: expected a pyramid that is told texts, got one that is not.',
        'Train one with condition: { text: … }.',
      );
    return null;
  }
  if (run) return tellTexts(project, run, { texts, between: between ?? null, count, seed });
  return refuse(
    'text: expected a trained run with its encoder, got an export, whose levels take vectors.',
    'Draw from the run itself, or give vectors in an own program with @lapyra/sampling.',
  );
}

async function draw(
  source: ImageSource,
  request: SampleRequest,
  told: ToldTexts | null,
  hooks: WorkHooks,
): Promise<LevelSamples[]> {
  const { runners, whitening, plain } = source;
  const { seed, range } = request;
  const count = told?.count ?? request.count ?? 64;
  const classes = classOf(runners[0]!.place.condition, request.className);
  const from = request.from === undefined ? undefined : await startImage(request.from, source);
  const drawn = new Map<string, ImageBatch>();
  const options = {
    count,
    seed,
    ...(request.reroll ? { reroll: request.reroll } : {}),
    ...(classes ? { classes } : {}),
    ...(from ? { from } : {}),
    ...(told ? { embeddings: told.embeddings, noiseOf: told.noiseOf } : {}),
    ...(request.style !== undefined && source.run
      ? { given: { [runners[0]!.name]: await findStyle(source.run, request.style) } }
      : {}),
  };
  const finest = runners.at(-1)!.name;
  for await (const { level, first, images } of samplePyramid(runners, options)) {
    const [batch, height, width, channels] = images.shape;
    const all = drawn.get(level) ?? imageBatch([count, height, width, channels]);
    all.data.set(images.data, first * height * width * channels);
    drawn.set(level, all);
    if (level === finest)
      hooks.progress({ what: 'drawing', done: first + batch, total: count, unit: 'images' });
  }
  const sizes = runners.map(({ place }) => place.size);
  return [...drawn].map(([level, images]) => {
    const index = runners.findIndex(({ name }) => name === level);
    const [, height, width, channels] = images.shape;
    const pixels =
      range === 'stretched'
        ? stretch(images)
        : dewhiten(images, whitening, transformGain(plain, sizes, index));
    return { level, size: [height, width], channels: channels as 1 | 3 | 4, pixels };
  });
}

async function openRunSource(
  project: Project,
  folder: string,
  backend: string,
): Promise<ImageSource> {
  const run = await openTrainedRun({ folder: project.folder, run: folder, backend });
  try {
    const names = run.levels.map(({ place }) => sizeName(place.size));
    const states = await Promise.all(names.map((name) => run.state(name)));
    return {
      backend: run.engine.id,
      runners: await Promise.all(names.map((name) => run.runner(name))),
      whitening: run.whitening,
      plain: run.transform.plain,
      notices: states.flatMap(({ notices }) => notices),
      run,
      dispose: () => run.dispose(),
    };
  } catch (error) {
    await run.dispose();
    throw error;
  }
}

/**
 * A picture as the normalised image of a level: one that has the size of a level is taken as it is; any other is cut and
 * resized to the finest size and taken down to the first level by the transform.
 */
async function startImage(
  file: string,
  { runners, whitening, plain }: ImageSource,
): Promise<ImageBatch> {
  const sizes = runners.map(({ place }) => place.size);
  const channels = runners[0]!.place.channels as 1 | 3 | 4;
  const { decodeImage } = await import('@lapyra/images');
  const picture = await decodeImage(file, { channels });
  const index = sizes.findIndex((size) => sizeName(size) === sizeName(picture.size));
  if (index >= 0 && whitening.kind !== 'pixel') {
    const image = whiten(picture.pixels, [1, ...picture.size, channels], whitening);
    const gain = transformGain(plain, sizes, index);
    return imageBatch(
      image.shape,
      image.data.map((value) => value * gain),
    );
  }
  const finest = sizes.at(-1)!;
  const fitted = await decodeImage(file, { channels, resize: { size: finest, fit: 'cover' } });
  const full = whiten(fitted.pixels, [1, ...finest, channels], whitening);
  return plainViews(plain, full, sizes, Math.max(0, index)).image;
}
