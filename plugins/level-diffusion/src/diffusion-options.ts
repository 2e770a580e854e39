import type { LossOptimiser } from '@lapyra/nn';
import * as v from 'valibot';

/** Options of the diffusion level. */
export interface DiffusionOptions {
  /** Planes of the network at full size; twice as many at half size. @default 32 */
  readonly width: number;
  /** Residual blocks before, at, and after half size, each. @default 1 */
  readonly blocks: number;
  /** Steps from noise to an image. @default 20 */
  readonly steps: number;
  /** Images in a step of training. @default 32 */
  readonly batch: number;
  /** Adam. @default { rate: 0.002, beta1: 0.9, beta2: 0.999, decayFrom: 0.5, decayTo: 0.02 } */
  readonly optimiser: LossOptimiser;
  /** Decay a step, in [0, 1), of the average of the weights with which is drawn; 0: the weights themselves. @default 0.995 */
  readonly average: number;
}

/** {@link DiffusionOptions} as they are written in a config. */
export interface DiffusionInput extends Partial<Omit<DiffusionOptions, 'optimiser'>> {
  readonly optimiser?: Partial<LossOptimiser>;
}

const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const share = v.pipe(
  v.number(),
  v.minValue(0),
  v.check((value) => value < 1, 'Expected a number below 1'),
);
const positive = v.pipe(
  v.number(),
  v.check((value) => value > 0, 'Expected a number above 0'),
);

// The cast: valibot writes `x?: number | undefined` where the interfaces, with exact optional properties, say `x?: number`.
export const diffusionOptions: v.GenericSchema<DiffusionInput, DiffusionOptions> = v.strictObject({
  width: v.optional(count, 32),
  blocks: v.optional(count, 1),
  steps: v.optional(count, 20),
  batch: v.optional(count, 32),
  optimiser: v.optional(
    v.strictObject({
      rate: v.optional(positive, 0.002),
      beta1: v.optional(share, 0.9),
      beta2: v.optional(share, 0.999),
      decayFrom: v.optional(share, 0.5),
      decayTo: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0.02),
    }),
    {},
  ),
  average: v.optional(share, 0.995),
}) as unknown as v.GenericSchema<DiffusionInput, DiffusionOptions>;
