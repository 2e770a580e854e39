import type {
  HashedNoise,
  LowRankNoise,
  NoiseDesign,
  NoNoise,
  PlaneNoise,
  VectorNoise,
} from '@lapyra/core';
import * as v from 'valibot';
import { count } from './training-options.js';

type Written<Design extends NoiseDesign, Needed extends keyof Design> = Pick<
  Design,
  Needed | 'design'
> &
  Partial<Design>;

/** A {@link NoiseDesign} as it is written: what has a default may be left out. */
export type NoiseInput =
  | NoNoise
  | Written<PlaneNoise, never>
  | Written<VectorNoise, 'length'>
  | Written<LowRankNoise, 'rank'>
  | Written<HashedNoise, 'variables'>;

const drawn = {
  distribution: v.optional(v.picklist(['uniform', 'normal']), 'uniform'),
  gain: v.optional(v.nullable(v.pipe(v.number(), v.finite())), null),
  gainPer: v.optional(v.picklist(['plane', 'all']), 'plane'),
};
const planes = v.optional(count, 1);
const seed = v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 1);

/**
 * A noise design in a level's options: `v.optional(noiseDesign, { design: 'plane' })`. Designs that do not fit the
 * level's size are refused where it is made, by `noisePlanes` and `noiseVector`.
 */
// The cast: valibot writes `x?: number | undefined` where the interfaces, with exact optional properties, say `x?: number`.
export const noiseDesign: v.GenericSchema<NoiseInput, NoiseDesign> = v.variant('design', [
  v.strictObject({ design: v.literal('none') }),
  v.strictObject({ design: v.literal('plane'), planes, ...drawn }),
  v.strictObject({ design: v.literal('vector'), length: count, ...drawn }),
  v.strictObject({
    design: v.literal('low-rank'),
    rank: count,
    planes,
    basis: v.optional(v.picklist(['learned', 'fixed']), 'learned'),
    seed,
    ...drawn,
  }),
  v.strictObject({ design: v.literal('hashed'), variables: count, planes, seed, ...drawn }),
]) as unknown as v.GenericSchema<NoiseInput, NoiseDesign>;

/**
 * The noise of a first level in its options: a design, or a number, which is the length of a vector of noise uniform on
 * [−1, 1). They are told apart first, so that what is wrong is told of the one that was meant.
 */
export const vectorNoise: v.GenericSchema<number | NoiseInput, NoiseDesign> = v.pipe(
  v.lazy((given) => (typeof given === 'object' ? noiseDesign : count)),
  v.transform((given) =>
    typeof given === 'number' ? v.parse(noiseDesign, { design: 'vector', length: given }) : given,
  ),
);
