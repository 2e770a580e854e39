import type { NoiseDesign } from '@lapyra/core';
import {
  augmentationChoice,
  type AugmentationChoice,
  count,
  noiseDesign,
  type NoiseInput,
  positive,
  share,
  trainingEntries,
  type TrainingInput,
  type TrainingOptions,
  vectorNoise,
  weight,
} from '@lapyra/gan';
import type { AugmentationOptions } from '@lapyra/nn';
import * as v from 'valibot';

/** The network that judges. */
export interface DiscriminatorOptions {
  /** Planes of the first convolution; each further one has twice as many. @default 64 */
  readonly width: number;
  /** Batch norm behind each convolution but the first. @default true */
  readonly batchNorm: boolean;
  /** Probability with which a value before the last layer is left out, in [0, 1). @default 0 */
  readonly dropout: number;
}

/** Options that both levels have. */
export interface TextOptions extends TrainingOptions {
  /** Numbers to which each network brings the text's vector. @default 128 */
  readonly textUnits: number;
  readonly discriminator: DiscriminatorOptions;
  /** GAN-CLS: share of real images with a wrong text among what should be found false, in [0, 1). @default 0.5 */
  readonly wrongPairs: number;
  /** GAN-INT: images a step for texts that lie between two others; `null`: none. @default { share: 0.5, weight: 1 } */
  readonly interpolation: {
    /** `null`: half of `batch.generator`. */
    readonly count: number | null;
    readonly share: number;
    readonly weight: number;
  } | null;
  /** Random changes of what the discriminator is shown; `{}`: those of the paper. @default null */
  readonly augmentation: AugmentationChoice;
}

/** Options of the first level. The defaults are those of Reed et al. 2016. */
export interface TextFirstOptions extends TextOptions {
  /** A vector; its length alone stands for one uniform on [−1, 1). @default 100, standard normal */
  readonly noise: NoiseDesign;
  readonly generator: {
    /** Planes of the last hidden layer; each layer before it has twice as many. @default 64 */
    readonly width: number;
    /** @default true */
    readonly batchNorm: boolean;
  };
  /** The encoder that finds the noise of an image; `null`: none. @default null */
  readonly style: StyleOptions | null;
}

/** The network that inverts the generator. */
export interface StyleOptions {
  /** Planes of its first convolution. @default 32 */
  readonly width: number;
  /** Part of the steps after which it begins to learn, in [0, 1). @default 0.5 */
  readonly from: number;
  /** Images a step. @default 64 */
  readonly batch: number;
  /** Learning rate, by Adam. @default 0.0005 */
  readonly rate: number;
}

/** Options of the refining level. */
export interface TextRefineOptions extends TextOptions {
  /** Planes of noise in front of the colours. @default { design: 'plane' } */
  readonly noise: NoiseDesign;
  readonly generator: {
    /** Planes of the hidden layers. @default 64 */
    readonly width: number;
    /** Sides of the square kernels, odd, one a layer, at least two. @default [5, 5, 5] */
    readonly kernels: readonly number[];
    /** @default true */
    readonly batchNorm: boolean;
  };
  /** Weight of the mean squared error between drawn and true band. @default 0 */
  readonly pixelLoss: number;
}

type Part<T> = T extends object ? Partial<T> : T;

interface TextInput extends TrainingInput {
  readonly textUnits?: number;
  readonly discriminator?: Partial<DiscriminatorOptions>;
  readonly wrongPairs?: number;
  readonly interpolation?: Part<TextOptions['interpolation']>;
  readonly augmentation?: AugmentationOptions | null;
}

/** {@link TextFirstOptions} as they are written in a config. */
export interface TextFirstInput extends TextInput {
  readonly noise?: number | NoiseInput;
  readonly generator?: Partial<TextFirstOptions['generator']>;
  readonly style?: Part<TextFirstOptions['style']>;
}

/** {@link TextRefineOptions} as they are written in a config. */
export interface TextRefineInput extends TextInput {
  readonly noise?: NoiseInput;
  readonly generator?: Partial<TextRefineOptions['generator']>;
  readonly pixelLoss?: number;
}

const fraction = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const kernel = v.pipe(
  count,
  v.check((side) => side % 2 === 1, 'Expected an odd kernel, which keeps the size'),
);

const shared = {
  textUnits: v.optional(count, 128),
  discriminator: v.optional(
    v.strictObject({
      width: v.optional(count, 64),
      batchNorm: v.optional(v.boolean(), true),
      dropout: v.optional(share, 0),
    }),
    {},
  ),
  wrongPairs: v.optional(share, 0.5),
  interpolation: v.optional(
    v.nullable(
      v.strictObject({
        count: v.optional(v.nullable(count), null),
        share: v.optional(fraction, 0.5),
        weight: v.optional(weight, 1),
      }),
    ),
    {},
  ),
  augmentation: v.optional(augmentationChoice, null),
  ...trainingEntries,
  optimiser: v.optional(trainingEntries.optimiser, { kind: 'adam' }),
};

// The casts: valibot writes `x?: number | undefined` where the interfaces, with exact optional properties, say `x?: number`.
export const textFirstOptions: v.GenericSchema<TextFirstInput, TextFirstOptions> = v.strictObject({
  noise: v.optional(vectorNoise, { design: 'vector', length: 100, distribution: 'normal' }),
  generator: v.optional(
    v.strictObject({
      width: v.optional(count, 64),
      batchNorm: v.optional(v.boolean(), true),
    }),
    {},
  ),
  style: v.optional(
    v.nullable(
      v.strictObject({
        width: v.optional(count, 32),
        from: v.optional(share, 0.5),
        batch: v.optional(count, 64),
        rate: v.optional(positive, 5e-4),
      }),
    ),
    null,
  ),
  ...shared,
}) as unknown as v.GenericSchema<TextFirstInput, TextFirstOptions>;

export const textRefineOptions: v.GenericSchema<TextRefineInput, TextRefineOptions> =
  v.strictObject({
    noise: v.optional(noiseDesign, { design: 'plane' }),
    generator: v.optional(
      v.strictObject({
        width: v.optional(count, 64),
        kernels: v.optional(
          v.pipe(v.array(kernel), v.minLength(2, 'Expected at least two kernels')),
          [5, 5, 5],
        ),
        batchNorm: v.optional(v.boolean(), true),
      }),
      {},
    ),
    pixelLoss: v.optional(weight, 0),
    ...shared,
  }) as unknown as v.GenericSchema<TextRefineInput, TextRefineOptions>;
