import type { LevelPlace, NoiseSpec } from '@lapyra/core';
import type { Network } from './network.js';

/** Two networks at a place of a pyramid, and what they give each other. */
export interface Adversaries {
  readonly place: LevelPlace;
  readonly noise: NoiseSpec;
  /** What the generator draws [B, H, W, C]: a `band`, to be added to `low`, or the whole `image`. */
  readonly output: 'band' | 'image';
  /** From its noise and what it wants to `output`. */
  readonly generator: Network;
  /**
   * From `image` [B, H, W, C] and what it wants to logits [B, 1]: above 0 for real. `null`: there is none, and the
   * generator learns from its terms alone.
   */
  readonly discriminator: Network | null;
}
