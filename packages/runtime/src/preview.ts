// A look at the user's own images as a pyramid would see them, before anything is trained.
import {
  entropyBits,
  imageBatch,
  plainViews,
  type PlainTransform,
  type Size,
  sizeName,
  transformGain,
} from '@lapyra/core';
import {
  type BandStatistics,
  bandStatistics,
  createCropReader,
  type ImageStore,
  type LevelStatistics,
  openImageStore,
} from '@lapyra/training';
import { createPyramid } from './composition/pyramid.js';
import { openConfig, type OpenConfigOptions } from './open-config.js';
import type { Plan } from './plan.js';
import { prepareData, type WorkHooks } from './prepare-data.js';
import { knownWhitening } from './stored/swapped-level.js';

export interface PreviewRequest extends OpenConfigOptions {
  /** Images to learn from, and as many to measure on. Default: 500, fewer where they are large, at least 16. */
  readonly images?: number;
}

/** A level's statistics beside what its model draws. */
export interface PreviewedLevel extends LevelStatistics {
  readonly name: string;
  readonly model: string;
  /** Noise that the level's model draws, bits per image. */
  readonly entropyBits: number;
}

/** Some images taken apart: a row for each level's images and for each of its bands, all at the finest size. */
export interface PreviewPicture {
  readonly size: Size;
  readonly channels: 1 | 3 | 4;
  readonly columns: number;
  readonly rows: readonly {
    readonly label: string;
    /** uint8 [columns, H, W, C]. */
    readonly pixels: Uint8Array;
  }[];
}

export interface Preview extends Omit<BandStatistics, 'levels'> {
  readonly name: string;
  readonly file: string;
  readonly data: Plan['data'];
  readonly transform: string;
  /** From coarse to fine. */
  readonly levels: readonly PreviewedLevel[];
  /** Noise of the whole pyramid, bits per image. */
  readonly entropyBits: number;
  readonly picture: PreviewPicture;
}

/** Images taken apart in the picture. */
const COLUMNS = 8;
/** Bands are shown about a middle grey, so many times as strong. */
const CONTRAST = 2;

/**
 * What the images of a config hold at each level: how sparse the bands are, how much the image below tells of them, and
 * how many bits they hold; nothing is trained.
 *
 * @throws {LapyraError} whatever is wrong with config, plugins or data; `LAPYRA_PREVIEW_IMAGES` for too few images
 */
export async function previewData(request: PreviewRequest, hooks: WorkHooks): Promise<Preview> {
  const { file, project, config } = await openConfig(request);
  const data = await prepareData(project, config, hooks);
  const { whitening } = await knownWhitening(project.folder, config);
  const pyramid = await createPyramid(project, config, data.shape, whitening ? { whitening } : {});
  const sizes = config.levels.map(({ size }) => size);
  const { size: crop } = data.shape;
  const { validation } = config.data;
  const store = openImageStore(await data.store(), validation === null ? {} : { validation });
  try {
    const { levels, ...found } = await bandStatistics({
      store,
      transform: pyramid.transform.plain,
      sizes,
      images: request.images ?? defaultImages(crop),
      seed: config.seed,
      progress: (done, total) =>
        hooks.progress({ what: 'measuring bands', done, total, unit: 'levels' }),
    });
    const noise = pyramid.levels.map((level) => entropyBits(level.noise));
    return {
      name: config.name,
      file,
      data: {
        name: data.name,
        images: data.images.train,
        crop,
        channels: data.shape.channels,
      },
      transform: pyramid.transform.plain.id,
      ...found,
      levels: levels.map((level, index) => ({
        name: config.levels[index]!.name,
        model: config.levels[index]!.model.use,
        entropyBits: noise[index]!,
        ...level,
      })),
      entropyBits: noise.reduce((sum, bits) => sum + bits, 0),
      picture: takeApart(store, pyramid.transform.plain, sizes),
    };
  } finally {
    store.close();
  }
}

function defaultImages([height, width]: Size): number {
  return Math.max(16, Math.min(500, Math.floor(400_000 / (height * width))));
}

function takeApart(
  store: ImageStore,
  transform: PlainTransform,
  sizes: readonly Size[],
): PreviewPicture {
  const { channels } = store;
  const { train } = store.count;
  const size = sizes.at(-1)!;
  const columns = Math.min(COLUMNS, train);
  const indices = Array.from({ length: columns }, (_, i) => Math.floor((i * train) / columns));
  const crops = createCropReader(store, size).centre('train', indices);
  const full = imageBatch([columns, ...size, channels], Float32Array.from(crops));
  const rows = sizes
    .map((own, index) => {
      const gain = transformGain(transform, sizes, index);
      const { image, band } = plainViews(transform, full, sizes, index);
      const show = (values: Float32Array, grey: number, factor: number): Uint8Array =>
        enlarge(
          Uint8ClampedArray.from(values, (value, i) =>
            // The alpha of a band would hide it.
            grey > 0 && channels === 4 && i % 4 === 3 ? 255 : grey + (factor * value) / gain,
          ),
          own,
          size,
          channels,
        );
      const name = sizeName(own);
      return [
        { label: name, pixels: show(image.data, 0, 1) },
        ...(band ? [{ label: `band ${name}`, pixels: show(band.data, 128, CONTRAST) }] : []),
      ];
    })
    .toReversed()
    .flat();
  return { size, channels, columns, rows };
}

/** Each pixel as often as it takes to reach the larger size. */
function enlarge(
  pixels: Uint8ClampedArray,
  [height, width]: Size,
  to: Size,
  channels: number,
): Uint8Array {
  const count = pixels.length / (height * width * channels);
  const result = new Uint8Array(count * to[0] * to[1] * channels);
  let at = 0;
  for (let n = 0; n < count; n += 1)
    for (let y = 0; y < to[0]; y += 1)
      for (let x = 0; x < to[1]; x += 1) {
        const row = n * height + Math.floor((y * height) / to[0]);
        const from = (row * width + Math.floor((x * width) / to[1])) * channels;
        for (let c = 0; c < channels; c += 1, at += 1) result[at] = pixels[from + c] as number;
      }
  return result;
}
