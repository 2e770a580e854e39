import type { NoiseDesign } from '@lapyra/core';
import {
  augmentationChoice,
  type AugmentationChoice,
  count,
  type NoiseInput,
  share,
  trainingEntries,
  type TrainingInput,
  type TrainingOptions,
  vectorNoise,
} from '@lapyra/gan';
import type { AugmentationOptions } from '@lapyra/nn';
import * as v from 'valibot';

/** Options of DCGAN. The defaults are those of its authors' Torch code. */
export interface DcganOptions extends TrainingOptions {
  /** A vector; its length alone stands for one uniform on [−1, 1). @default 100 */
  readonly noise: NoiseDesign;
  /** Planes of the layer next to the image, in both networks; each layer away from it has twice as many. @default 64 */
  readonly width: number;
  readonly generator: {
    /** @default true */
    readonly batchNorm: boolean;
    /** `tanh` spans the pixels 0…255 and no more; `linear` is free. @default 'tanh' */
    readonly output: 'tanh' | 'linear';
  };
  readonly discriminator: {
    /** Behind all convolutions but the first (`batch`), or of all weights (`spectral`). @default 'batch' */
    readonly norm: 'batch' | 'spectral' | 'none';
    /** Probability with which a unit before the last layer is left out, in [0, 1). @default 0 */
    readonly dropout: number;
  };
  /** Random changes of what the discriminator is shown; `{}`: those of the paper. @default null */
  readonly augmentation: AugmentationChoice;
  /** Share, in [0, 1), of real images with another class among what the discriminator should find false. @default 0 */
  readonly wrongPairs: number;
}

/** {@link DcganOptions} as they are written in a config. */
export interface DcganInput extends TrainingInput {
  readonly noise?: number | NoiseInput;
  readonly width?: number;
  readonly generator?: Partial<DcganOptions['generator']>;
  readonly discriminator?: Partial<DcganOptions['discriminator']>;
  readonly augmentation?: AugmentationOptions | null;
  readonly wrongPairs?: number;
}

// The cast: valibot writes `x?: number | undefined` where the interfaces, with exact optional properties, say `x?: number`.
export const dcganOptions: v.GenericSchema<DcganInput, DcganOptions> = v.strictObject({
  noise: v.optional(vectorNoise, 100),
  width: v.optional(count, 64),
  generator: v.optional(
    v.strictObject({
      batchNorm: v.optional(v.boolean(), true),
      output: v.optional(v.picklist(['tanh', 'linear']), 'tanh'),
    }),
    {},
  ),
  discriminator: v.optional(
    v.strictObject({
      norm: v.optional(v.picklist(['batch', 'spectral', 'none']), 'batch'),
      dropout: v.optional(share, 0),
    }),
    {},
  ),
  augmentation: v.optional(augmentationChoice, null),
  wrongPairs: v.optional(share, 0),
  ...trainingEntries,
  optimiser: v.optional(trainingEntries.optimiser, { kind: 'adam' }),
}) as unknown as v.GenericSchema<DcganInput, DcganOptions>;
