import type { NoiseDesign } from '@lapyra/core';
import {
  count,
  type MarginRule,
  marginRule,
  noiseDesign,
  type NoiseInput,
  share,
  trainingEntries,
  type TrainingInput,
  type TrainingOptions,
} from '@lapyra/gan';
import * as v from 'valibot';

/** Options of the large refining level. The defaults are those of LAPGAN's authors for LSUN. */
export interface LsunRefineOptions extends TrainingOptions {
  /** The planes in front of the colours. @default { design: 'plane' } */
  readonly noise: NoiseDesign;
  readonly generator: {
    /** Planes of its four hidden layers. @default [64, 368, 128, 224] */
    readonly planes: readonly [number, number, number, number];
    /** Probability with which a plane of the second and the fourth is left out, in [0, 1). @default 0.5 */
    readonly dropout: number;
  };
  readonly discriminator: {
    /** Planes of its three layers. @default [48, 448, 416] */
    readonly planes: readonly [number, number, number];
  };
  /** Which network learns at a step; `null`: both. @default { ahead: 0.3, lost: 0.7 } */
  readonly margin: MarginRule | null;
}

/** {@link LsunRefineOptions} as they are written in a config. */
export interface LsunRefineInput extends TrainingInput {
  readonly noise?: NoiseInput;
  readonly generator?: Partial<LsunRefineOptions['generator']>;
  readonly discriminator?: Partial<LsunRefineOptions['discriminator']>;
  readonly margin?: Partial<MarginRule> | null;
}

const planesOf = (number: number): v.GenericSchema<number> =>
  v.pipe(count, v.multipleOf(number, `Expected a multiple of ${number}`));

// The cast: valibot writes `x?: number | undefined` where the interfaces, with exact optional properties, say `x?: number`.
export const lsunRefineOptions: v.GenericSchema<LsunRefineInput, LsunRefineOptions> =
  v.strictObject({
    noise: v.optional(noiseDesign, { design: 'plane' }),
    generator: v.optional(
      v.strictObject({
        // Each layer's groups divide its planes, and those that it is given.
        planes: v.optional(
          v.strictTuple([planesOf(4), planesOf(4), planesOf(4), planesOf(2)]),
          [64, 368, 128, 224],
        ),
        dropout: v.optional(share, 0.5),
      }),
      {},
    ),
    discriminator: v.optional(
      v.strictObject({
        planes: v.optional(
          v.strictTuple([planesOf(4), planesOf(16), planesOf(16)]),
          [48, 448, 416],
        ),
      }),
      {},
    ),
    margin: v.optional(marginRule, {}),
    ...trainingEntries,
    optimiser: v.optional(trainingEntries.optimiser, {
      kind: 'sgd',
      rate: 0.01,
      momentum: 0,
      momentumTo: 0.7,
      rateDivisor: 1.000004,
    }),
  }) as unknown as v.GenericSchema<LsunRefineInput, LsunRefineOptions>;
