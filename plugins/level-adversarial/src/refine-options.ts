import type { NoiseDesign } from '@lapyra/core';
import {
  noiseDesign,
  type NoiseInput,
  refiningNetworkEntries,
  type RefiningNetworkInput,
  type RefiningNetworkOptions,
  trainingEntries,
  type TrainingInput,
  type TrainingOptions,
  weight,
} from '@lapyra/gan';
import * as v from 'valibot';

/** Options of the convolutional refining level. The defaults are those of LAPGAN's authors for CIFAR-10. */
export interface RefineOptions extends TrainingOptions, RefiningNetworkOptions {
  /** The planes in front of the colours. @default { design: 'plane' } */
  readonly noise: NoiseDesign;
  /** Weight in the generator's loss of the mean squared error between drawn and true band. @default 0 */
  readonly pixelLoss: number;
}

/** {@link RefineOptions} as they are written in a config. */
export interface RefineInput extends TrainingInput, RefiningNetworkInput {
  readonly noise?: NoiseInput;
  readonly pixelLoss?: number;
}

// The cast: valibot writes `x?: number | undefined` where the interfaces, with exact optional properties, say `x?: number`.
export const refineOptions: v.GenericSchema<RefineInput, RefineOptions> = v.strictObject({
  noise: v.optional(noiseDesign, { design: 'plane' }),
  ...refiningNetworkEntries,
  pixelLoss: v.optional(weight, 0),
  ...trainingEntries,
}) as unknown as v.GenericSchema<RefineInput, RefineOptions>;
