import * as v from 'valibot';
import type { AdversarialLossName } from '@lapyra/nn';

/** Images in a step. */
export interface BatchOptions {
  /** Real images that the discriminator sees. @default 64 */
  readonly real: number;
  /** Generated images that the discriminator sees. @default 64 */
  readonly generated: number;
  /** Generated images by which the generator learns. @default 128 */
  readonly generator: number;
}

/** Torch's gradient descent with dampened momentum, as the authors of LAPGAN used it. */
export interface SgdOptions {
  readonly kind: 'sgd';
  /** @default 0.02 */
  readonly rate: number;
  /** In [0, 1). @default 0.5 */
  readonly momentum: number;
  /** Added to the momentum after each epoch, up to `momentumTo`. @default 0.0008 */
  readonly momentumRise: number;
  /** @default 0.8 */
  readonly momentumTo: number;
  /** The rate is divided by this after each epoch, down to 1e-6. @default 1.00004 */
  readonly rateDivisor: number;
}

/** Adam (Kingma & Ba 2015). */
export interface AdamOptions {
  readonly kind: 'adam';
  /** @default 0.0002 */
  readonly rate: number;
  /** @default 0.5 */
  readonly beta1: number;
  /** @default 0.999 */
  readonly beta2: number;
  /** Part of the steps after which the rate begins to fall in a straight line. @default 0 */
  readonly decayFrom: number;
  /** What the rate falls to, as a part of itself; 1: it does not fall. @default 1 */
  readonly decayTo: number;
}

/** Options that adversarial levels share. */
export interface TrainingOptions {
  readonly batch: BatchOptions;
  /** The game that they play; see {@link AdversarialLossName}. @default 'cross-entropy' */
  readonly loss: AdversarialLossName;
  /** How both networks learn. @default { kind: 'sgd' } */
  readonly optimiser: SgdOptions | AdamOptions;
  /**
   * Decay a step, in [0, 1), of the average of the generator's weights that is used for drawing: 0.99 averages over
   * about 100 steps; 0 draws with the weights as they are. @default 0
   */
  readonly average: number;
  /**
   * Parts in which each batch of a step is computed one after the other, with the gradients added up; it divides all of
   * them. Takes less memory; batch norm then takes the statistics of a part. @default 1
   */
  readonly microBatches: number;
}

type Loose<T> = T extends { readonly kind: string } ? Pick<T, 'kind'> & Partial<T> : Partial<T>;

/** {@link TrainingOptions} as they are written: what has a default may be left out. */
export interface TrainingInput {
  readonly batch?: Partial<BatchOptions>;
  readonly loss?: AdversarialLossName;
  readonly optimiser?: Loose<SgdOptions> | Loose<AdamOptions>;
  readonly average?: number;
  readonly microBatches?: number;
}

/** A whole number of at least 1. */
export const count: v.GenericSchema<number> = v.pipe(v.number(), v.integer(), v.minValue(1));
/** A number above 0. */
export const positive: v.GenericSchema<number> = v.pipe(
  v.number(),
  v.check((value) => value > 0, 'Expected a number above 0'),
);
/** A number in [0, 1). */
export const share: v.GenericSchema<number> = v.pipe(
  v.number(),
  v.minValue(0),
  v.check((value) => value < 1, 'Expected a number below 1'),
);
/** A number of at least 0. */
export const weight: v.GenericSchema<number> = v.pipe(v.number(), v.minValue(0));
const fraction = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

const batch = v.strictObject({
  real: v.optional(count, 64),
  generated: v.optional(count, 64),
  generator: v.optional(count, 128),
});

const sgd = v.strictObject({
  kind: v.literal('sgd'),
  rate: v.optional(positive, 0.02),
  momentum: v.optional(share, 0.5),
  momentumRise: v.optional(share, 0.0008),
  momentumTo: v.optional(share, 0.8),
  rateDivisor: v.optional(v.pipe(v.number(), v.minValue(1)), 1.00004),
});

const adam = v.strictObject({
  kind: v.literal('adam'),
  rate: v.optional(positive, 2e-4),
  beta1: v.optional(share, 0.5),
  beta2: v.optional(share, 0.999),
  decayFrom: v.optional(share, 0),
  decayTo: v.optional(fraction, 1),
});

export interface TrainingEntries {
  readonly batch: v.GenericSchema<TrainingInput['batch'], BatchOptions>;
  readonly loss: v.GenericSchema<AdversarialLossName | undefined, AdversarialLossName>;
  readonly optimiser: v.GenericSchema<TrainingInput['optimiser'], SgdOptions | AdamOptions>;
  readonly average: v.GenericSchema<number | undefined, number>;
  readonly microBatches: v.GenericSchema<number | undefined, number>;
}

/** The entries of a schema for {@link TrainingOptions}. */
export const trainingEntries: TrainingEntries = {
  batch: v.optional(batch, {}) as TrainingEntries['batch'],
  loss: v.optional(v.picklist(['cross-entropy', 'hinge', 'least-squares']), 'cross-entropy'),
  optimiser: v.optional(v.variant('kind', [sgd, adam]), {
    kind: 'sgd',
  }) as TrainingEntries['optimiser'],
  average: v.optional(share, 0),
  microBatches: v.optional(count, 1),
};
