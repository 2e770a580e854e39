import * as v from 'valibot';
import {
  count,
  positive,
  trainingEntries,
  type TrainingInput,
  type TrainingOptions,
} from './training-options.js';

/** Options of the denoising autoencoder. */
export interface DenoisingOptions extends TrainingOptions {
  /** Deviation of the noise that corrupts, where data have 1. @default 0.5 */
  readonly corruption: number;
  /** Times in a step of training that an image is corrupted and restored, each from what was restored before. @default 3 */
  readonly walkback: number;
  /** Times that an image is corrupted and restored when it is drawn. @default 20 */
  readonly chain: number;
}

/** {@link DenoisingOptions} as they are written in a config. */
export interface DenoisingInput extends TrainingInput {
  readonly corruption?: number;
  readonly walkback?: number;
  readonly chain?: number;
}

// The cast: see training-options.ts.
export const denoisingOptions: v.GenericSchema<DenoisingInput, DenoisingOptions> = v.strictObject({
  corruption: v.optional(positive, 0.5),
  walkback: v.optional(count, 3),
  chain: v.optional(count, 20),
  ...trainingEntries,
}) as unknown as v.GenericSchema<DenoisingInput, DenoisingOptions>;
