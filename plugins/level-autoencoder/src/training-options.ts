import type { LossOptimiser } from '@lapyra/nn';
import * as v from 'valibot';

/** Options that both levels share. */
export interface TrainingOptions {
  /** Images in a step. @default 64 */
  readonly batch: number;
  /** Adam. @default { rate: 0.001, beta1: 0.9, beta2: 0.999, decayFrom: 0.5, decayTo: 0.02 } */
  readonly optimiser: LossOptimiser;
  /** Decay a step, in [0, 1), of the average of the weights with which is drawn; 0: the weights themselves. @default 0.995 */
  readonly average: number;
  /** First level: units of the hidden layers of each network. @default [512, 512] */
  readonly hidden: readonly number[];
  /** Above another level: planes of the hidden layers of each network. @default 32 */
  readonly width: number;
  /** Above another level: convolutions of each network, at least 2. @default 4 */
  readonly layers: number;
}

/** {@link TrainingOptions} as they are written in a config. */
export interface TrainingInput extends Partial<Omit<TrainingOptions, 'optimiser'>> {
  readonly optimiser?: Partial<LossOptimiser>;
}

/** A whole number of at least 1. */
export const count: v.GenericSchema<number> = v.pipe(v.number(), v.integer(), v.minValue(1));
/** A number above 0. */
export const positive: v.GenericSchema<number> = v.pipe(
  v.number(),
  v.check((value) => value > 0, 'Expected a number above 0'),
);
const share = v.pipe(
  v.number(),
  v.minValue(0),
  v.check((value) => value < 1, 'Expected a number below 1'),
);

interface TrainingEntries {
  readonly batch: v.GenericSchema<number | undefined, number>;
  readonly optimiser: v.GenericSchema<Partial<LossOptimiser> | undefined, LossOptimiser>;
  readonly average: v.GenericSchema<number | undefined, number>;
  readonly hidden: v.GenericSchema<readonly number[] | undefined, readonly number[]>;
  readonly width: v.GenericSchema<number | undefined, number>;
  readonly layers: v.GenericSchema<number | undefined, number>;
}

/** The entries of a schema for {@link TrainingOptions}. */
export const trainingEntries: TrainingEntries = {
  batch: v.optional(count, 64),
  // The cast: valibot writes `x?: number | undefined` where the interface, with exact optional properties, says `x?: number`.
  optimiser: v.optional(
    v.strictObject({
      rate: v.optional(positive, 0.001),
      beta1: v.optional(share, 0.9),
      beta2: v.optional(share, 0.999),
      decayFrom: v.optional(share, 0.5),
      decayTo: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0.02),
    }),
    {},
  ) as unknown as TrainingEntries['optimiser'],
  average: v.optional(share, 0.995),
  hidden: v.optional(v.pipe(v.array(count), v.minLength(1)), [512, 512]),
  width: v.optional(count, 32),
  layers: v.optional(v.pipe(v.number(), v.integer(), v.minValue(2)), 4),
};
