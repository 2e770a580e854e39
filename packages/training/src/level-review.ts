// What is looked at while a level trains: scores, baselines, sample pictures.
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  dewhiten,
  type Engine,
  type Level,
  type Size,
  sizeName,
  type StepTraining,
  type TensorValue,
  type TensorValues,
  type Transform,
  transformGain,
  type Whitening,
} from '@lapyra/core';
import { loadBestCheckpoint } from './checkpoint.js';
import { writeJsonDurably } from './durable-file.js';
import type { ImageStore } from './image-store.js';
import type { Baselines, LevelEvent } from './level-event.js';
import type { LevelJob } from './level-job.js';
import { createLevelSampler, type LevelSampler } from './level-sampler.js';
import type { LevelPaths } from './run-folder.js';
import { createLevelScorer, type LevelScorer } from './score-level.js';
import { bestScore, type ScoreRecord } from './score-record.js';

/** Writes pictures in a row as one file; handed in, since this package knows no image formats. */
export type PictureWriter = (file: string, picture: LevelPicture) => Promise<void>;

export interface LevelPicture {
  /** uint8 [n, H, W, C], row by row. */
  readonly images: Uint8Array;
  readonly size: Size;
  readonly channels: 1 | 3 | 4;
  readonly columns: number;
  /** Words beside each row. */
  readonly rowLabels: readonly string[];
}

export interface LevelReview {
  /** Names of the training state's tensors that it wants to see. */
  readonly reads: readonly string[];
  /**
   * Score the level, write its sample picture, and tell.
   *
   * @param isLast whether training is done: then the authors' distance of the best checkpoint is measured too
   * @returns `null` for a score that is not finite
   */
  score(
    step: number,
    state: TensorValues,
    before: readonly ScoreRecord[],
    isLast: boolean,
  ): Promise<ScoreRecord | null>;
  dispose(): Promise<void>;
}

export interface LevelReviewOptions {
  readonly job: LevelJob;
  readonly level: Level;
  readonly transform: Transform;
  readonly store: ImageStore;
  readonly whitening: Whitening;
  readonly engine: Engine;
  readonly paths: LevelPaths;
  /** `null`: the state is the sampler's own. */
  readonly training: StepTraining | null;
  /** The level's state before its first step; or what it has then, if it was trained elsewhere. */
  readonly first: TensorValues;
  /** Whether `first` is untrained, to be compared with. @default true */
  readonly untrained?: boolean;
  emit(event: LevelEvent): void;
  readonly writePicture: PictureWriter;
}

const EXAMPLES = 8;
const FIRST_LEVEL_EXAMPLES = 64;

/**
 * Prepare the scoring of a level and compare its beginning with the baselines. `null`, with a notice, if no validation
 * images are kept aside.
 */
export async function createLevelReview(options: LevelReviewOptions): Promise<LevelReview | null> {
  const { job, level, transform, emit, training, paths } = options;
  const scorer = createLevelScorer({ ...options, transform: transform.plain }, training?.score);
  if (!scorer) {
    emit({ kind: 'notice', text: 'no score: fewer than 4 validation images are kept aside' });
    return null;
  }
  emit({ kind: 'phase', phase: 'comparing' });
  const map = training?.samplerState ?? null;
  const toSampler = (state: TensorValues): TensorValues =>
    map
      ? Object.fromEntries(
          Object.entries(map).map(([to, from]) => [to, state[from] as TensorValue]),
        )
      : state;
  const sampler = await createLevelSampler(
    options.engine,
    level,
    toSampler(options.first),
    job.seed,
  );
  let baselines = await readOrMeasure(
    paths.baselines,
    scorer,
    options.untrained === false ? null : sampler,
  );
  return {
    reads: map ? [...new Set(Object.values(map))] : Object.keys(options.first),
    score: async (step, state, before, isLast) => {
      await sampler.update(toSampler(state));
      const value = await scorer.score(sampler);
      await writeExamples(options, scorer, sampler, join(paths.samples, `step-${step}.png`));
      const record: ScoreRecord = { step, id: scorer.id, value };
      const best = bestScore([...before, record]);
      if (isLast && baselines.nearest) {
        const shown = await bestState(paths, best, record, state);
        await sampler.update(toSampler(shown.state));
        const trained = await scorer.nearest(sampler);
        baselines = {
          ...baselines,
          nearest: { ...baselines.nearest, trained, step: shown.step },
        };
        await writeJsonDurably(paths.baselines, baselines);
      }
      if (!Number.isFinite(value)) {
        emit({ kind: 'notice', text: `step ${step}: the score is not finite and does not count` });
        return null;
      }
      emit({ kind: 'score', ...record, best: best === record, baselines });
      return record;
    },
    dispose: () => sampler.dispose(),
  };
}

/** What is sampled and exported once training is done: the best checkpoint's state; the last one's if that is lost. */
async function bestState(
  { checkpoints }: LevelPaths,
  best: ScoreRecord | null,
  last: ScoreRecord,
  state: TensorValues,
): Promise<{ readonly step: number; readonly state: TensorValues }> {
  if (best !== null && best !== last) {
    const stored = (await loadBestCheckpoint(checkpoints))?.checkpoint;
    if (stored?.step === best.step) return stored;
  }
  return { step: last.step, state };
}

/** Measured once for a training, before its first step; afterwards read, unless it is to be measured in another way. */
async function readOrMeasure(
  file: string,
  scorer: LevelScorer,
  untrained: LevelSampler | null,
): Promise<Baselines> {
  const known = existsSync(file) ? parse(await readFile(file, 'utf8')) : null;
  const isSame =
    known?.protocol === scorer.protocol &&
    (known.nearest?.protocol ?? null) === scorer.nearestProtocol;
  if (known && isSame) return known;
  const measured = await scorer.baselines(untrained);
  await writeJsonDurably(file, measured);
  return measured;
}

function parse(text: string): Baselines | null {
  try {
    return JSON.parse(text) as Baselines;
  } catch {
    return null; // measured anew
  }
}

async function writeExamples(
  { level, job, transform, whitening, store, paths, writePicture, emit }: LevelReviewOptions,
  scorer: LevelScorer,
  sampler: LevelSampler,
  file: string,
): Promise<void> {
  const rows = await scorer.examples(sampler, level.place.coarse ? EXAMPLES : FIRST_LEVEL_EXAMPLES);
  const gain = transformGain(transform.plain, job.sizes, job.index);
  const pixels = rows.map(({ images }) => dewhiten(images, whitening, gain));
  try {
    await mkdir(paths.samples, { recursive: true });
    await writePicture(file, {
      images: Buffer.concat(pixels),
      size: level.place.size,
      channels: store.channels,
      columns: EXAMPLES,
      rowLabels: rows.length > 1 ? rows.map(({ label }) => label) : [],
    });
  } catch (error) {
    // A picture is no reason to lose a training.
    emit({
      kind: 'notice',
      text: `level ${sizeName(level.place.size)}: ${file} was not written: ${(error as Error).message}`,
    });
  }
}
