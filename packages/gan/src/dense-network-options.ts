import * as v from 'valibot';
import { count, share } from './training-options.js';

export interface DenseGeneratorOptions {
  /** Units of the hidden layers. */
  readonly hidden: readonly number[];
  /** Behind each hidden layer. @default relu */
  readonly activations: readonly ('relu' | 'sigmoid')[];
  /** Batch norm between each hidden layer and its activation. @default false */
  readonly batchNorm: boolean;
  /** Deviation of normal initial weights, with biases 0; `null`: Torch's default, U(±1/√fan_in). @default null */
  readonly deviation: number | null;
}

export interface DenseDiscriminatorOptions {
  /** Units of the hidden layers. */
  readonly hidden: readonly number[];
  /** `leakyRelu` has slope 0.2. @default 'relu' */
  readonly activation: 'relu' | 'leakyRelu';
  /** Probability with which a hidden unit is left out, in [0, 1). @default 0.5 */
  readonly dropout: number;
  /** As in the generator. @default null */
  readonly deviation: number | null;
}

/** Two fully connected networks. */
export interface DenseNetworkOptions {
  readonly generator: DenseGeneratorOptions;
  readonly discriminator: DenseDiscriminatorOptions;
}

/** {@link DenseNetworkOptions} as they are written: what has a default may be left out. */
export interface DenseNetworkInput {
  readonly generator?: Partial<DenseGeneratorOptions>;
  readonly discriminator?: Partial<DenseDiscriminatorOptions>;
}

export interface DenseNetworkEntries {
  readonly generator: v.GenericSchema<DenseNetworkInput['generator'], DenseGeneratorOptions>;
  readonly discriminator: v.GenericSchema<
    DenseNetworkInput['discriminator'],
    DenseDiscriminatorOptions
  >;
}

const hidden = v.pipe(v.array(count), v.minLength(1, 'Expected at least one hidden layer'));
const deviation = v.optional(v.nullable(v.pipe(v.number(), v.minValue(0))), null);

/** The entries of a schema for {@link DenseNetworkOptions}, with these units by default. */
export function denseNetworkEntries(units: {
  readonly generator: readonly number[];
  readonly discriminator: readonly number[];
}): DenseNetworkEntries {
  // The casts: valibot writes `x?: number | undefined` where the interfaces, with exact optional properties, say `x?: number`.
  return {
    generator: v.pipe(
      v.optional(
        v.strictObject({
          hidden: v.optional(hidden, [...units.generator]),
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
    ) as unknown as DenseNetworkEntries['generator'],
    discriminator: v.optional(
      v.strictObject({
        hidden: v.optional(hidden, [...units.discriminator]),
        activation: v.optional(v.picklist(['relu', 'leakyRelu']), 'relu'),
        dropout: v.optional(share, 0.5),
        deviation,
      }),
      {},
    ) as DenseNetworkEntries['discriminator'],
  };
}
