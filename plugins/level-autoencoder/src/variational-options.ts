import * as v from 'valibot';
import {
  count,
  positive,
  trainingEntries,
  type TrainingInput,
  type TrainingOptions,
} from './training-options.js';

/** Options of the variational autoencoder. */
export interface VariationalOptions extends TrainingOptions {
  /** First level: number of latent variables. @default 64 */
  readonly latent: number;
  /** Above another level: planes of latent variables. @default 2 */
  readonly planes: number;
  /** Weight of the KL term; 1: the bound itself. @default 1 */
  readonly beta: number;
  /** Draw each number from its distribution, not only its mean: as much noise as the decoder leaves unexplained. @default false */
  readonly grain: boolean;
}

/** {@link VariationalOptions} as they are written in a config. */
export interface VariationalInput extends TrainingInput {
  readonly latent?: number;
  readonly planes?: number;
  readonly beta?: number;
  readonly grain?: boolean;
}

// The cast: see training-options.ts.
export const variationalOptions: v.GenericSchema<VariationalInput, VariationalOptions> =
  v.strictObject({
    latent: v.optional(count, 64),
    planes: v.optional(count, 2),
    beta: v.optional(positive, 1),
    grain: v.optional(v.boolean(), false),
    ...trainingEntries,
  }) as unknown as v.GenericSchema<VariationalInput, VariationalOptions>;
