import type { ConditionSpec } from './condition.js';
import type { Size } from './size.js';

/** Where a level stands in its pyramid: all that it knows of the world around it. */
export interface LevelPlace {
  readonly size: Size;
  /** The size of the image below; `null` for the first level. */
  readonly coarse: Size | null;
  readonly channels: number;
  readonly condition: ConditionSpec;
  /** The id of the pyramid's transform. */
  readonly transform: string;
  readonly pixels: PixelScale;
}

/**
 * What the normalised numbers of images at some size are in pixels of 0…255: `value · scale + mean`, by channel. Levels
 * that ask for colours (a feature net, a file that takes pixels) need it; others do not.
 */
export interface PixelScale {
  readonly mean: readonly number[];
  readonly scale: readonly number[];
  /**
   * False where there is no such scale by channel, because each position has its own (whitening `pixel`): the numbers then
   * are means, good for losses, not for exact colours. What kind of scale there is is known from the start; until the images
   * have been measured, for planning, the numbers are a guess.
   */
  readonly exact: boolean;
  /** The `scale` of the image below, where it is another: under a transform that does not average. @default scale */
  readonly coarseScale?: readonly number[];
}
