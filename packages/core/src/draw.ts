/** What a draw of training images can give to a step, each prepared for the level's place. */
export type DrawPart =
  /** The normalised image at the level's size [count, H, W, C]. */
  | 'image'
  /** The image below [count, h, w, C]. */
  | 'coarse'
  /** The upsampled image below, u(coarse) [count, H, W, C]. */
  | 'low'
  /** image − low [count, H, W, C]. */
  | 'band'
  /** The condition vector [count, width]. */
  | 'condition'
  /**
   * [count]: 1 where `coarse` and `low` are those of the image itself, 0 where they were drawn by the levels below
   * ({@link Draw.mayBeGenerated}); `image` and `band` then belong to another picture, and no loss may compare them with
   * what is drawn.
   */
  | 'paired';

/**
 * A named, independent draw of training images that a step makes, with replacement. The step gets
 * `<draw>.<part>` for each part. A draw is keyed by (seed, level, step, program, name): the data cursor is the
 * step number, and resuming needs nothing else.
 */
export interface Draw {
  readonly count: number;
  readonly of: readonly DrawPart[];
  /**
   * Each image is unlike its counterpart in the draw of this name (same count): of another class, or, where there are no
   * classes, with no caption in common.
   */
  readonly unlike?: string;
  /**
   * Some of its coarse images may be ones that the levels below have drawn, as they will be when the pyramid is sampled,
   * with the condition that they were drawn for. How many is asked for in the config (`generatedCoarse`); without that all
   * are true. Such a draw is of `low`, `coarse` and `condition`; of `image` and `band` only beside `paired`.
   */
  readonly mayBeGenerated?: boolean;
}

/** Random numbers of a step other than the level's noise: dropout masks, interpolation weights. */
export interface RandomInput {
  readonly shape: readonly number[];
  /** `keep`: 1/keep with probability keep, else 0 (inverted dropout); `uniform`: on [0, 1); `normal`: standard. */
  readonly distribution: { readonly keep: number } | 'uniform' | 'normal';
}
