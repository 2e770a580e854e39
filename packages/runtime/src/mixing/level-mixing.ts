// What a level learns on beside true coarse images: a pool of generated ones, drawn when the levels below are trained and
// kept in the level's folder.
import { type Engine, sizeName } from '@lapyra/core';
import { selectRows } from '@lapyra/nn';
import {
  type CoarseMixing,
  type ImageStore,
  type LevelEvent,
  loadCoarsePool,
  type RunPaths,
  saveCoarsePool,
} from '@lapyra/training';
import type { GeneratedCoarse } from '../config/resolved-config.js';
import { drawCoarsePool } from './draw-coarse-pool.js';
import { otherPoolSource, type PoolSourceOptions, sourceStates } from './pool-source.js';

export interface LevelMixingOptions extends PoolSourceOptions {
  readonly paths: RunPaths;
  readonly store: ImageStore;
  readonly engine: Engine;
  readonly signal: AbortSignal;
  emit(event: LevelEvent): void;
}

/**
 * What is mixed into a level's training, read from its folder, or drawn and put there; `null` if the signal was aborted
 * meanwhile.
 *
 * @param begun whether the level has made steps already
 * @throws {LapyraError} `LAPYRA_RUN_UNTRAINED` if a level below is not trained, `LAPYRA_MIX_DAMAGED`, `LAPYRA_FIT_MISMATCH`
 */
export async function openLevelMixing(
  options: LevelMixingOptions,
  { share, images, from }: GeneratedCoarse,
  begun: boolean,
): Promise<CoarseMixing | null> {
  const { paths, pyramid, index, store, engine, signal, emit } = options;
  const { config, levels, transform } = pyramid;
  const { name } = config.levels[index]!;
  const file = paths.level(name).generated;
  const known = await loadCoarsePool(file, begun);
  if (known) return { share, pool: known, select: selectRows };
  const source =
    from === undefined
      ? { run: config.name, paths, levels: levels.slice(0, index), transform }
      : await otherPoolSource(options, from);
  const below = await sourceStates(source);
  for (const { trained } of below)
    for (const text of trained.notices) emit({ kind: 'notice', text });
  emit({ kind: 'phase', phase: 'drawing' });
  const pool = await drawCoarsePool({
    levels: below,
    transform: source.transform,
    engine,
    store,
    images,
    seed: config.seed,
    name,
    signal,
    progress: (step, steps) =>
      emit({
        kind: 'progress',
        step,
        steps,
        rate: 0,
        secondsLeft: null,
        losses: {},
        note: 'coarse images',
      }),
  });
  if (!pool) return null;
  const steps = below.map(({ level, trained }) => [sizeName(level.place.size), trained.step]);
  await saveCoarsePool(file, pool, { run: source.run, steps: Object.fromEntries(steps) });
  return { share, pool, select: selectRows };
}
