// Scores a level on validation images: what it draws from true coarse images against the true images. The zero band, the
// untrained level and real images against real ones are measured in the same way, once, to compare with.
import { type ImageBatch, imageBatch, type ScoreId } from '@lapyra/core';
import type { Baselines, NearestScores } from './level-event.js';
import { checkJob, LEAST_SCORE_IMAGES, type LevelJob } from './level-job.js';
import type { LevelSampler } from './level-sampler.js';
import { type LevelImages, type LevelViewsOptions, readLevelImages } from './level-views.js';
import { frechetDistanceTo, frechetSize, pixelMoments } from './scores/frechet-pixels.js';
import { nearestOfK } from './scores/nearest-of-k.js';
import { patchProtocol, projectPatches, slicedWasserstein } from './scores/sliced-wasserstein.js';

export interface LevelScorer {
  readonly id: ScoreId;
  readonly protocol: string;
  /** How the authors' distance is measured; `null` at a first level. */
  readonly nearestProtocol: string | null;
  /** The level's score now. */
  score(sampler: LevelSampler): Promise<number>;
  /** What scores are compared with; the untrained level too, if there is one. */
  baselines(untrained: LevelSampler | null): Promise<Baselines>;
  /** The authors' distance of the level now; `null` at a first level. */
  nearest(sampler: LevelSampler): Promise<number | null>;
  /** True and drawn images side by side, for a picture: rows of equal length. */
  examples(sampler: LevelSampler, count: number): Promise<readonly ExampleRow[]>;
}

export interface ExampleRow {
  readonly label: string;
  readonly images: ImageBatch;
}

/**
 * Prepare the scoring of a level; `null` if fewer than 4 validation images are kept aside.
 *
 * @param id default: `sliced-wasserstein` (×1000) of bands for a refining level, `frechet-pixels` for a first one
 * @throws {LapyraError} `LAPYRA_CONFIG_INVALID` if fewer than 4 are asked for
 */
export function createLevelScorer(
  options: LevelViewsOptions & { readonly job: LevelJob },
  id: ScoreId = options.level.place.coarse ? 'sliced-wasserstein' : 'frechet-pixels',
): LevelScorer | null {
  const { level, store, job } = options;
  checkJob(job);
  const count = Math.min(job.scoreImages ?? 1000, store.count.validation);
  if (count < LEAST_SCORE_IMAGES) return null;
  const views = readLevelImages(options, 'validation', range(0, count));
  const measure = createMeasure(id, job.seed);
  const truth = measure.subject(views);
  const distance = measure.to(truth);
  const imageOf = (drawn: ImageBatch, of: LevelImages): ImageBatch =>
    level.output === 'band' && of.low ? add(of.low, drawn) : drawn;
  const subjectOf = (drawn: ImageBatch): ImageBatch =>
    measure.subject(drawnViews(views, imageOf(drawn, views)));
  const { k, images: nearestImages } = job.nearest ?? { k: 16, images: 200 };
  const fewer = cutViews(views, Math.min(nearestImages, count));
  const protocol = `${measure.describe(level.place.size)}, on ${count} validation images${level.place.coarse ? ' given their true coarse images' : ''}`;
  const nearestProtocol = `Euclidean distance to the nearest of ${k} images drawn from the true coarse image, mean over ${fewer.image.shape[0]} validation images`;
  const nearest = async (sampler: LevelSampler): Promise<number | null> => {
    if (!level.place.coarse) return null;
    const search = nearestOfK(fewer.image);
    for (let round = 0; round < k; round++)
      search.add(imageOf(await sampler.draw(fewer, round), fewer));
    return search.mean();
  };
  const nearestBaselines = async (sampler: LevelSampler | null): Promise<NearestScores | null> => {
    if (!fewer.low) return null;
    const plain = nearestOfK(fewer.image);
    plain.add(fewer.low);
    return {
      protocol: nearestProtocol,
      untrained: sampler && (await nearest(sampler)),
      upsampled: plain.mean(),
      trained: null,
      step: null,
    };
  };
  return {
    id,
    protocol,
    nearestProtocol: level.place.coarse ? nearestProtocol : null,
    score: async (sampler) => distance(subjectOf(await sampler.draw(views, 0))),
    nearest,
    baselines: async (sampler) => {
      // As many other real images as are scored, if there are; else one half against the other.
      const others = store.count.validation >= 2 * count;
      const half = others ? count : Math.floor(count / 2);
      const second = others
        ? measure.subject(readLevelImages(options, 'validation', range(count, 2 * count)))
        : cut(truth, half, 2 * half);
      return {
        id,
        protocol,
        untrained: sampler && distance(subjectOf(await sampler.draw(views, 0))),
        upsampled: views.low ? distance(measure.subject(drawnViews(views, views.low))) : null,
        real: others ? distance(second) : measure.to(cut(truth, 0, half))(second),
        realImages: half,
        nearest: await nearestBaselines(sampler),
      };
    },
    examples: async (sampler, wanted) => {
      const some = cutViews(views, Math.min(wanted, count));
      const drawn = imageOf(await sampler.draw(some, 0), some);
      if (!some.low) return [{ label: 'drawn', images: drawn }];
      return [
        { label: 'coarse', images: some.low },
        { label: 'drawn', images: drawn },
        { label: 'real', images: some.image },
      ];
    },
  };
}

interface Measure {
  describe(size: LevelViewsOptions['level']['place']['size']): string;
  /** What is compared: bands, or images. */
  subject(views: LevelImages): ImageBatch;
  to(truth: ImageBatch): (drawn: ImageBatch) => number;
}

function createMeasure(id: ScoreId, seed: number): Measure {
  if (id === 'frechet-pixels')
    return {
      describe: (size) => {
        const [height, width] = frechetSize(size);
        const averaged =
          height === size[0] && width === size[1] ? '' : ` averaged to ${height}×${width}`;
        return `Fréchet distance of pixel vectors${averaged}`;
      },
      subject: ({ image }) => image,
      to: (truth) => {
        const distance = frechetDistanceTo(pixelMoments(truth));
        return (drawn) => distance(pixelMoments(drawn));
      },
    };
  return {
    describe: () => `sliced Wasserstein distance × 1000, ${patchProtocol({ seed })}`,
    subject: ({ image, band }) => band ?? image,
    to: (truth) => {
      const projected = projectPatches(truth, { seed });
      return (drawn) => 1000 * slicedWasserstein(projected, projectPatches(drawn, { seed }));
    },
  };
}

/** The views that a drawn image would have in the place of the true one. */
function drawnViews(views: LevelImages, image: ImageBatch): LevelImages {
  return { ...views, image, band: views.low ? subtract(image, views.low) : null };
}

function cutViews(views: LevelImages, count: number): LevelImages {
  const part = (images: ImageBatch | null): ImageBatch | null => images && cut(images, 0, count);
  const { image, coarse, low, band, condition } = views;
  return {
    image: cut(image, 0, count),
    coarse: part(coarse),
    low: part(low),
    band: part(band),
    condition: condition && condition.subarray(0, (condition.length / image.shape[0]) * count),
  };
}

function cut({ shape, data }: ImageBatch, from: number, to: number): ImageBatch {
  const [count, ...rest] = shape;
  const per = data.length / count;
  return imageBatch([to - from, ...rest], data.subarray(from * per, to * per));
}

function add(a: ImageBatch, b: ImageBatch): ImageBatch {
  return imageBatch(
    a.shape,
    a.data.map((x, i) => x + (b.data[i] as number)),
  );
}

function subtract(a: ImageBatch, b: ImageBatch): ImageBatch {
  return imageBatch(
    a.shape,
    a.data.map((x, i) => x - (b.data[i] as number)),
  );
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
