import type { NoiseDesign } from '@lapyra/core';
import {
  denseNetworkEntries,
  type DenseNetworkInput,
  type DenseNetworkOptions,
  type NoiseInput,
  trainingEntries,
  type TrainingInput,
  type TrainingOptions,
  vectorNoise,
} from '@lapyra/gan';
import * as v from 'valibot';

/**
 * Options of the fully connected first level. The defaults are the LAPGAN paper's for 8×8, with 1200 units in the two
 * hidden layers of the generator and 600 in those of the discriminator.
 */
export interface DenseOptions extends TrainingOptions, DenseNetworkOptions {
  /** A vector; its length alone stands for one uniform on [−1, 1). @default 100 */
  readonly noise: NoiseDesign;
}

/** {@link DenseOptions} as they are written in a config. */
export interface DenseInput extends TrainingInput, DenseNetworkInput {
  readonly noise?: number | NoiseInput;
}

// The cast: valibot writes `x?: number | undefined` where the interfaces, with exact optional properties, say `x?: number`.
export const denseOptions: v.GenericSchema<DenseInput, DenseOptions> = v.strictObject({
  noise: v.optional(vectorNoise, 100),
  ...denseNetworkEntries({ generator: [1200, 1200], discriminator: [600, 600] }),
  ...trainingEntries,
}) as unknown as v.GenericSchema<DenseInput, DenseOptions>;
