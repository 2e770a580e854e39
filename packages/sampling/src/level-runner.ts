import type { LevelPlace, NoiseSpec, TensorValue, TensorValues, WorkContext } from '@lapyra/core';

/**
 * One level ready to draw, trained or exported: all that sampling knows of it. `run` is given, as far as the level
 * needs them, `coarse` [B, h, w, C], `condition` [B, width] and `noise.<name>` [B, …] and returns the normalised
 * image [B, H, W, C].
 */
export interface LevelRunner {
  /** `14` or `14x20`. */
  readonly name: string;
  readonly place: Omit<LevelPlace, 'pixels'>;
  readonly noise: NoiseSpec;
  /** @param work watches and stops levels that take long for an image; others do not look at it */
  run(inputs: TensorValues, work?: WorkContext): Promise<TensorValue>;
  dispose(): Promise<void>;
}
