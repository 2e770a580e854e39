// How a level learns by itself.
import type { Draw } from './draw.js';
import type { TensorValues } from './tensor-value.js';

/** How long work on the host is watched and stopped. */
export interface WorkContext {
  readonly signal: AbortSignal;
  report(progress: { readonly done: number; readonly total: number; readonly note?: string }): void;
}

/** Training that a level does by itself, on the host. */
export interface HostTraining {
  readonly kind: 'host';
  /** Returns the state that the sampler is given from then on; it is stored with the run. */
  fit(data: LevelData, context: FitContext): Promise<TensorValues>;
}

/** The training images as a level sees them. */
export interface LevelData {
  readonly count: number;
  /** The wanted parts of some images, prepared for the level's place. */
  read(indices: readonly number[], parts: readonly Draw['of'][number][]): Promise<TensorValues>;
}

export interface FitContext extends WorkContext {
  readonly seed: number;
}
