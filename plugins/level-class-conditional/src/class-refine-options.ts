import type { NoiseDesign } from '@lapyra/core';
import {
  noiseDesign,
  type NoiseInput,
  refiningNetworkEntries,
  type RefiningNetworkInput,
  type RefiningNetworkOptions,
  share,
  trainingEntries,
  type TrainingInput,
  type TrainingOptions,
  weight,
} from '@lapyra/gan';
import * as v from 'valibot';

/** Options of the class-conditional refining level. The defaults are those of LAPGAN's authors for CIFAR-10. */
export interface ClassRefineOptions extends TrainingOptions, RefiningNetworkOptions {
  /** Planes in front of the class and the colours. @default { design: 'plane' } */
  readonly noise: NoiseDesign;
  /** Weight in the generator's loss of the mean squared error between drawn and true band. @default 0 */
  readonly pixelLoss: number;
  /**
   * Share, in [0, 1), of real images of another class among what the discriminator should find false.
   * @default 0
   */
  readonly wrongPairs: number;
}

/** {@link ClassRefineOptions} as they are written in a config. */
export interface ClassRefineInput extends TrainingInput, RefiningNetworkInput {
  readonly noise?: NoiseInput;
  readonly pixelLoss?: number;
  readonly wrongPairs?: number;
}

// The cast: valibot writes `x?: number | undefined` where the interfaces, with exact optional properties, say `x?: number`.
export const classRefineOptions: v.GenericSchema<ClassRefineInput, ClassRefineOptions> =
  v.strictObject({
    noise: v.optional(noiseDesign, { design: 'plane' }),
    ...refiningNetworkEntries,
    pixelLoss: v.optional(weight, 0),
    wrongPairs: v.optional(share, 0),
    ...trainingEntries,
  }) as unknown as v.GenericSchema<ClassRefineInput, ClassRefineOptions>;
