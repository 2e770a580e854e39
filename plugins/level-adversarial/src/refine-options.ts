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

/** One convolution of the discriminator. */
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

/** Options of the convolutional refining level. The defaults are those of LAPGAN's authors for CIFAR-10. */
export interface RefineOptions extends TrainingOptions {
  /** Planes of the hidden layers of both networks. @default 64 */
  readonly width: number;
  /** The planes in front of the colours. @default { design: 'plane' } */
  readonly noise: NoiseDesign;
  readonly generator: {
    /** Sides of the square kernels, odd, one a layer; the last layer draws the band. @default [7, 7, 5] */
    readonly kernels: readonly number[];
    /** Batch norm between each hidden layer and its ReLU. @default false */
    readonly batchNorm: boolean;
  };
  readonly discriminator: {
    /** @default [{ kernel: 5 }, { kernel: 5, stride: 2 }] */
    readonly layers: readonly DiscriminatorLayer[];
    /** `leakyRelu` has slope 0.2. @default 'relu' */
    readonly activation: 'relu' | 'leakyRelu';
    /** Probability with which a unit before the last layer is left out, in [0, 1). @default 0.5 */
    readonly dropout: number;
  };
  /** Weight in the generator's loss of the mean squared error between drawn and true band. @default 0 */
  readonly pixelLoss: number;
}

/** {@link RefineOptions} as they are written in a config. */
export interface RefineInput extends TrainingInput {
  readonly width?: number;
  readonly noise?: NoiseInput;
  readonly generator?: Partial<RefineOptions['generator']>;
  readonly discriminator?: Partial<Omit<RefineOptions['discriminator'], 'layers'>> & {
    readonly layers?: readonly (Pick<DiscriminatorLayer, 'kernel'> & Partial<DiscriminatorLayer>)[];
  };
  readonly pixelLoss?: number;
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

// The cast: valibot writes `x?: number | undefined` where the interfaces, with exact optional properties, say `x?: number`.
export const refineOptions: v.GenericSchema<RefineInput, RefineOptions> = v.strictObject({
  width: v.optional(count, 64),
  noise: v.optional(noiseDesign, { design: 'plane' }),
  generator: v.optional(
    v.strictObject({
      kernels: v.optional(v.pipe(v.array(odd), v.minLength(2)), [7, 7, 5]),
      batchNorm: v.optional(v.boolean(), false),
    }),
    {},
  ),
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
  ),
  pixelLoss: v.optional(v.pipe(v.number(), v.minValue(0)), 0),
  ...trainingEntries,
}) as unknown as v.GenericSchema<RefineInput, RefineOptions>;
