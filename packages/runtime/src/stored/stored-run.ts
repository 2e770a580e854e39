import type { Json } from '@lapyra/core';
import { openRun, type RunPaths } from '@lapyra/training';
import { LapyraError, type Whitening } from '@lapyra/core';
import type { DataShape } from '../composition/pyramid.js';
import type { ResolvedConfig } from '../config/resolved-config.js';

/** A run's `config.json`: the resolved config, less the backend, which may change from one start to the next. */
export type StoredConfig = Omit<ResolvedConfig, 'backend'> & {
  /** What the levels were told of the data, so that a run can be drawn from without its dataset. */
  readonly shape: DataShape;
};

export interface StoredRun {
  readonly paths: RunPaths;
  readonly config: ResolvedConfig;
  readonly shape: DataShape;
  readonly whitening: Whitening;
  /** Fingerprint of the images that it was started with. */
  readonly data: string;
  /** Of their captions and the encoder; `null` if its levels are told of none. */
  readonly captions: string | null;
}

export function storedConfig({ backend: _, ...config }: ResolvedConfig, shape: DataShape): Json {
  const stored: StoredConfig = { ...config, shape };
  return stored as unknown as Json; // plain data through and through; only interfaces lack Json's index signature
}

/** What {@link storedConfig} made, from a run's folder. */
export function readStoredConfig(config: Json): StoredConfig {
  return config as unknown as StoredConfig;
}

/**
 * Open a run for anything but training.
 *
 * @throws {LapyraError} `LAPYRA_RUN_NOT_A_RUN`, `LAPYRA_RUN_UNTRAINED` if it has not come as far as measuring its images
 */
export async function openStoredRun(folder: string): Promise<StoredRun> {
  const { paths, config, manifest, whitening } = await openRun(folder);
  if (!whitening) {
    throw new LapyraError(
      'LAPYRA_RUN_UNTRAINED',
      `run ${folder}: expected a trained run, got one that has not begun.`,
      {
        hint: 'Train it with: lapyra train',
      },
    );
  }
  const { shape, ...rest } = readStoredConfig(config);
  const { data, captions = null } = manifest;
  return { paths, config: { ...rest, backend: 'auto' }, shape, whitening, data, captions };
}
