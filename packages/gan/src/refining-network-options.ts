import * as v from 'valibot';
import { count, share } from './training-options.js';

/** One convolution of a discriminator. */
export interface DiscriminatorLayer {
  /** Side of the square kernel. */
  readonly kernel: number;
  /** Output planes. Default: the level's width. */
  readonly planes?: number | undefined;
  /** @default 1 */
  readonly stride: number;
  /** Rows of zeros on each side. @default 0 */
  readonly padding: number;
}

export interface RefiningGeneratorOptions {
  /** Sides of the square kernels, odd, one a layer; the last layer draws the band. @default [7, 7, 5] */
  readonly kernels: readonly number[];
  /** Batch norm between each hidden layer and its ReLU. @default false */
  readonly batchNorm: boolean;
}

export interface RefiningDiscriminatorOptions {
  /** @default [{ kernel: 5 }, { kernel: 5, stride: 2 }] */
  readonly layers: readonly DiscriminatorLayer[];
  /** `leakyRelu` has slope 0.2. @default 'relu' */
  readonly activation: 'relu' | 'leakyRelu';
  /** Probability with which a unit before the last layer is left out, in [0, 1). @default 0.5 */
  readonly dropout: number;
}

/** Two convolutional networks of a refining level. The defaults are those of LAPGAN's authors for CIFAR-10. */
export interface RefiningNetworkOptions {
  /** Planes of the hidden layers of both networks. @default 64 */
  readonly width: number;
  readonly generator: RefiningGeneratorOptions;
  readonly discriminator: RefiningDiscriminatorOptions;
}

/** {@link RefiningNetworkOptions} as they are written: what has a default may be left out. */
export interface RefiningNetworkInput {
  readonly width?: number;
  readonly generator?: Partial<RefiningGeneratorOptions>;
  readonly discriminator?: Partial<Omit<RefiningDiscriminatorOptions, 'layers'>> & {
    readonly layers?: readonly (Pick<DiscriminatorLayer, 'kernel'> & Partial<DiscriminatorLayer>)[];
  };
}

export interface RefiningNetworkEntries {
  readonly width: v.GenericSchema<number | undefined, number>;
  readonly generator: v.GenericSchema<RefiningNetworkInput['generator'], RefiningGeneratorOptions>;
  readonly discriminator: v.GenericSchema<
    RefiningNetworkInput['discriminator'],
    RefiningDiscriminatorOptions
  >;
}

const odd = v.pipe(
  count,
  v.check((kernel) => kernel % 2 === 1, 'Expected an odd kernel, which keeps the size'),
);

const layer = v.strictObject({
  kernel: count,
  planes: v.optional(count),
  stride: v.optional(count, 1),
  padding: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
});

/** The entries of a schema for {@link RefiningNetworkOptions}. */
export const refiningNetworkEntries: RefiningNetworkEntries = {
  width: v.optional(count, 64),
  // The casts: valibot writes `x?: number | undefined` where the interfaces, with exact optional properties, say `x?: number`.
  generator: v.optional(
    v.strictObject({
      kernels: v.optional(v.pipe(v.array(odd), v.minLength(2)), [7, 7, 5]),
      batchNorm: v.optional(v.boolean(), false),
    }),
    {},
  ) as RefiningNetworkEntries['generator'],
  discriminator: v.optional(
    v.strictObject({
      layers: v.optional(v.pipe(v.array(layer), v.minLength(1)), [
        { kernel: 5 },
        { kernel: 5, stride: 2 },
      ]),
      activation: v.optional(v.picklist(['relu', 'leakyRelu']), 'relu'),
      dropout: v.optional(share, 0.5),
    }),
    {},
  ) as RefiningNetworkEntries['discriminator'],
};
