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

/** Options of the fully connected refining level. The defaults are those of LAPGAN's authors, in their code for LSUN. */
export interface DenseRefineOptions extends TrainingOptions {
  /** The planes in front of the colours. @default { design: 'plane' } */
  readonly noise: NoiseDesign;
  readonly generator: {
    /** Units of the hidden layers. @default [1024, 1024, 1024] */
    readonly hidden: readonly number[];
    /** Probability with which a hidden unit is left out, in [0, 1). @default 0.5 */
    readonly dropout: number;
  };
  readonly discriminator: {
    /** Units of the hidden layers. @default [512, 512, 512] */
    readonly hidden: readonly number[];
  };
  /** Which network learns at a step; `null`: both. @default null */
  readonly margin: MarginRule | null;
}

/** {@link DenseRefineOptions} as they are written in a config. */
export interface DenseRefineInput extends TrainingInput {
  readonly noise?: NoiseInput;
  readonly generator?: Partial<DenseRefineOptions['generator']>;
  readonly discriminator?: Partial<DenseRefineOptions['discriminator']>;
  readonly margin?: Partial<MarginRule> | null;
}

const hidden = v.pipe(v.array(count), v.minLength(1, 'Expected at least one hidden layer'));

// The cast: valibot writes `x?: number | undefined` where the interfaces, with exact optional properties, say `x?: number`.
export const denseRefineOptions: v.GenericSchema<DenseRefineInput, DenseRefineOptions> =
  v.strictObject({
    noise: v.optional(noiseDesign, { design: 'plane' }),
    generator: v.optional(
      v.strictObject({
        hidden: v.optional(hidden, [1024, 1024, 1024]),
        dropout: v.optional(share, 0.5),
      }),
      {},
    ),
    discriminator: v.optional(v.strictObject({ hidden: v.optional(hidden, [512, 512, 512]) }), {}),
    margin: v.optional(marginRule, null),
    ...trainingEntries,
  }) as unknown as v.GenericSchema<DenseRefineInput, DenseRefineOptions>;
