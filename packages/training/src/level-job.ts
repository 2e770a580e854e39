import { LapyraError, type Size, sizeName } from '@lapyra/core';

/** What a level's training is told beside its plugin. Plain data: it crosses to the level's process. */
export interface LevelJob {
  /** Which of `sizes` the level makes. */
  readonly index: number;
  /** All sizes of the pyramid, coarse to fine; the last is that of the crops. */
  readonly sizes: readonly Size[];
  /** Mirror half of the crops. */
  readonly flip: boolean;
  readonly seed: number;
  /** The goal: steps of the whole training, those before a resume included. */
  readonly steps: number;
  /** Steps between checkpoints. Default: a tenth of the steps, at most 500. */
  readonly checkpointEvery?: number;
  /** Steps between scores and sample pictures. Default: a fifth of the steps. */
  readonly scoreEvery?: number;
  /** Validation images per score, at least 4. @default 1000 */
  readonly scoreImages?: number;
  /** The authors' distance, reported when training is done. @default { k: 16, images: 200 } */
  readonly nearest?: { readonly k: number; readonly images: number };
  /** What the level expects and gives: the fit check's hash. A checkpoint of another is refused. */
  readonly signature: string;
  /** Of packages and Node: stored with each checkpoint. */
  readonly versions: Readonly<Record<string, string>>;
  /** How often a diverged training goes back and tries half the rate. @default 3 */
  readonly retries?: number;
}

/** The least that can be scored: two images in each half, which have a covariance. */
export const LEAST_SCORE_IMAGES = 4;

/**
 * Whether a level's job can be done at all.
 *
 * @throws {LapyraError} `LAPYRA_CONFIG_INVALID` for fewer than 4 `scoreImages`
 */
export function checkJob({ index, sizes, scoreImages }: LevelJob): void {
  if (scoreImages === undefined || scoreImages >= LEAST_SCORE_IMAGES) return;
  const size = sizes[index];
  throw new LapyraError(
    'LAPYRA_CONFIG_INVALID',
    `level ${size ? sizeName(size) : index}, scoreImages: expected ${LEAST_SCORE_IMAGES} or more, got ${scoreImages}.`,
    { hint: 'Score on more validation images; 1000 is the default.' },
  );
}

/** Steps between checkpoints and between scores, defaults filled in. */
export function levelIntervals({ steps, checkpointEvery, scoreEvery }: LevelJob): {
  readonly checkpointEvery: number;
  readonly scoreEvery: number;
} {
  return {
    checkpointEvery: checkpointEvery ?? Math.min(500, Math.max(1, Math.round(steps / 10))),
    scoreEvery: scoreEvery ?? Math.max(1, Math.round(steps / 5)),
  };
}
