import type { NoiseDesign } from '@lapyra/core';
import {
  denseNetworkEntries,
  type DenseNetworkInput,
  type DenseNetworkOptions,
  type NoiseInput,
  share,
  trainingEntries,
  type TrainingInput,
  type TrainingOptions,
  vectorNoise,
} from '@lapyra/gan';
import * as v from 'valibot';

/** Options of the class-conditional first level. The defaults are those of LAPGAN's released weights for CIFAR-10. */
export interface ClassDenseOptions extends TrainingOptions, DenseNetworkOptions {
  /** A vector; its length alone stands for one uniform on [−1, 1). @default 100 */
  readonly noise: NoiseDesign;
  /**
   * Share, in [0, 1), of real images of another class among what the discriminator should find false.
   * @default 0
   */
  readonly wrongPairs: number;
}

/** {@link ClassDenseOptions} as they are written in a config. */
export interface ClassDenseInput extends TrainingInput, DenseNetworkInput {
  readonly noise?: number | NoiseInput;
  readonly wrongPairs?: number;
}

// The cast: valibot writes `x?: number | undefined` where the interfaces, with exact optional properties, say `x?: number`.
export const classDenseOptions: v.GenericSchema<ClassDenseInput, ClassDenseOptions> =
  v.strictObject({
    noise: v.optional(vectorNoise, 100),
    ...denseNetworkEntries({ generator: [600, 600], discriminator: [600, 600] }),
    wrongPairs: v.optional(share, 0),
    ...trainingEntries,
  }) as unknown as v.GenericSchema<ClassDenseInput, ClassDenseOptions>;
