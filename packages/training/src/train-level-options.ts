import type { Engine, Level, Transform, Whitening } from '@lapyra/core';
import type { CoarseMixing } from './coarse-mixing.js';
import type { ImageStore } from './image-store.js';
import type { LevelEvent } from './level-event.js';
import type { LevelJob } from './level-job.js';
import type { PictureWriter } from './level-review.js';

export interface TrainLevelOptions {
  readonly job: LevelJob;
  readonly level: Level;
  readonly transform: Transform;
  /** Training and validation images. */
  readonly store: ImageStore;
  readonly whitening: Whitening;
  /** Opened by the caller, who also disposes of it. */
  readonly engine: Engine;
  /** The level's own folder. Made if it is not there. */
  readonly folder: string;
  /** Aborted: training stops after the step at hand, with a checkpoint. */
  readonly signal: AbortSignal;
  emit(event: LevelEvent): void;
  readonly writePicture: PictureWriter;
  /** Whether scores are measured on validation images, if there are any. @default true */
  readonly scored?: boolean;
  /**
   * Gives the coarse images drawn by the levels below that are learnt on beside true ones; asked for once the level is
   * locked, if there is a step to be made. `null`: it was stopped by the signal. Default: none.
   *
   * @param begun whether steps were made already: they must be the same ones again
   */
  readonly mixing?: (begun: boolean) => Promise<CoarseMixing | null>;
}
