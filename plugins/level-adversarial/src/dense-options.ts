import type { NoiseDesign } from '@lapyra/core';
import {
  count,
  noiseDesign,
  type NoiseInput,
  share,
  trainingEntries,
  type TrainingInput,
  type TrainingOptions,
} from '@lapyra/gan';
import * as v from 'valibot';

/** Options of the fully connected first level. The defaults are the LAPGAN paper's for 8×8. */
export interface DenseOptions extends TrainingOptions {
  /** A vector; its length alone stands for one uniform on [−1, 1). @default 100 */
  readonly noise: NoiseDesign;
  readonly generator: {
    /** Units of the hidden layers. @default [1200, 1200] */
    readonly hidden: readonly number[];
    /** Behind each hidden layer; the paper says ReLU, the authors' code has a sigmoid as the second. @default relu */
    readonly activations: readonly ('relu' | 'sigmoid')[];
    /** Batch norm between each hidden layer and its activation. @default false */
    readonly batchNorm: boolean;
    /** Deviation of normal initial weights, with biases 0; `null`: Torch's default, U(±1/√fan_in). @default null */
    readonly deviation: number | null;
  };
  readonly discriminator: {
    /** Units of the hidden layers. @default [600, 600] */
    readonly hidden: readonly number[];
    /** `leakyRelu` has slope 0.2. @default 'relu' */
    readonly activation: 'relu' | 'leakyRelu';
    /** Probability with which a hidden unit is left out, in [0, 1). @default 0.5 */
    readonly dropout: number;
    /** As in the generator. @default null */
    readonly deviation: number | null;
  };
}

/** {@link DenseOptions} as they are written in a config. */
export interface DenseInput extends TrainingInput {
  readonly noise?: number | NoiseInput;
  readonly generator?: Partial<DenseOptions['generator']>;
  readonly discriminator?: Partial<DenseOptions['discriminator']>;
}

/** A length, or a design: told apart first, so that what is wrong is told of the one that was meant. */
const noise = v.pipe(
  v.lazy((given) => (typeof given === 'object' ? noiseDesign : count)),
  v.transform((given) =>
    typeof given === 'number' ? v.parse(noiseDesign, { design: 'vector', length: given }) : given,
  ),
);
const hidden = v.pipe(v.array(count), v.minLength(1, 'Expected at least one hidden layer'));
const deviation = v.optional(v.nullable(v.pipe(v.number(), v.minValue(0))), null);

// The cast: valibot writes `x?: number | undefined` where the interfaces, with exact optional properties, say `x?: number`.
export const denseOptions: v.GenericSchema<DenseInput, DenseOptions> = v.strictObject({
  noise: v.optional(noise, 100),
  generator: v.pipe(
    v.optional(
      v.strictObject({
        hidden: v.optional(hidden, [1200, 1200]),
        activations: v.optional(v.array(v.picklist(['relu', 'sigmoid']))),
        batchNorm: v.optional(v.boolean(), false),
        deviation,
      }),
      {},
    ),
    v.transform((given) => ({
      ...given,
      activations: given.activations ?? given.hidden.map(() => 'relu' as const),
    })),
    v.check(
      (given) => given.activations.length === given.hidden.length,
      'Expected as many activations as hidden layers',
    ),
  ),
  discriminator: v.optional(
    v.strictObject({
      hidden: v.optional(hidden, [600, 600]),
      activation: v.optional(v.picklist(['relu', 'leakyRelu']), 'relu'),
      dropout: v.optional(share, 0.5),
      deviation,
    }),
    {},
  ),
  ...trainingEntries,
}) as unknown as v.GenericSchema<DenseInput, DenseOptions>;
