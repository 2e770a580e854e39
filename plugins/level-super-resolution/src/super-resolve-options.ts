import type { Descriptor } from '@lapyra/core';
import {
  count,
  trainingEntries,
  type TrainingInput,
  type TrainingOptions,
  weight,
} from '@lapyra/gan';
import * as v from 'valibot';

/** The residual network that draws. */
export interface GeneratorOptions {
  /** Planes of the hidden layers. @default 64 */
  readonly width: number;
  /** Residual blocks. @default 16 */
  readonly blocks: number;
  /** Batch norm inside the blocks. @default true */
  readonly batchNorm: boolean;
  /** Side of the square kernels of the first and the last layer, odd. @default 9 */
  readonly kernel: number;
  /**
   * Where the network gets from the size below to its own. `shuffle`, `transposed`: at its end, by steps of ×2 that it
   * learns, pixel shuffle or transposed convolutions. `before`: it works on the upsampled image, whatever the ratio.
   * @default 'shuffle'
   */
  readonly upsampling: 'shuffle' | 'transposed' | 'before';
}

/** The eight convolutions that judge: pairs of a plain one and one of stride 2, the planes doubled from pair to pair. */
export interface DiscriminatorOptions {
  /** Planes of the first pair. @default 64 */
  readonly width: number;
  /** Pairs. @default 4 */
  readonly pairs: number;
  /** Units of the layer before the last. @default 1024 */
  readonly units: number;
  /** Batch norm behind all convolutions but the first. @default true */
  readonly batchNorm: boolean;
}

/** What the generator pays. A weight of 0 leaves a loss out. */
export interface LossOptions {
  /** Mean squared (`l2`) or absolute (`l1`) error of the drawn band or image. @default { kind: 'l2', weight: 1 } */
  readonly pixel: { readonly kind: 'l1' | 'l2'; readonly weight: number };
  /** Mean squared distance of feature maps of this layer. @default { layer: 'conv3', weight: 0.006 } */
  readonly content: { readonly layer: string; readonly weight: number };
  /** Being told from real images; at 0 there is no discriminator. @default 0.001 */
  readonly adversarial: number;
  /** Total variation of the drawn image. @default 2e-8 */
  readonly variation: number;
  /** Mean squared distance between the drawn image, made small again, and the image below. @default 0 */
  readonly lowPass: number;
}

/** Options of the super-resolution level. The defaults are SRGAN's. */
export interface SuperResolveOptions extends Omit<TrainingOptions, 'loss'> {
  /** Whether the network draws the band, which is added to the upsampled image, or the whole image. @default 'image' */
  readonly output: 'band' | 'image';
  readonly generator: GeneratorOptions;
  readonly discriminator: DiscriminatorOptions;
  readonly losses: LossOptions;
  /** The net whose layers the content loss compares. @default cifar10Features() */
  readonly features: Descriptor<'features'>;
  /** The game against the discriminator. @default 'cross-entropy' */
  readonly game: TrainingOptions['loss'];
  /** Part of the steps, in [0, 1), in which it first learns without an opponent. @default 0 */
  readonly pretraining: number;
}

/** {@link SuperResolveOptions} as they are written in a config. */
export interface SuperResolveInput extends Omit<TrainingInput, 'loss'> {
  readonly output?: SuperResolveOptions['output'];
  readonly generator?: Partial<GeneratorOptions>;
  readonly discriminator?: Partial<DiscriminatorOptions>;
  readonly losses?: {
    readonly pixel?: Partial<LossOptions['pixel']>;
    readonly content?: Partial<LossOptions['content']>;
    readonly adversarial?: number;
    readonly variation?: number;
    readonly lowPass?: number;
  };
  readonly features?: Descriptor<'features'>;
  readonly game?: TrainingOptions['loss'];
  readonly pretraining?: number;
}

/** A dependency of this package, so that projects need not name it. */
const CIFAR10_FEATURES = { use: '@lapyra/features-cifar10#cifar10Features', options: {} };

const odd = v.pipe(
  count,
  v.check((kernel) => kernel % 2 === 1, 'Expected an odd kernel, which keeps the size'),
);
const descriptor = v.strictObject({ use: v.string(), options: v.record(v.string(), v.any()) });
const { loss: game, ...training } = trainingEntries;

// The cast: valibot writes `x?: number | undefined` where the interfaces, with exact optional properties, say `x?: number`.
export const superResolveOptions: v.GenericSchema<SuperResolveInput, SuperResolveOptions> = v.pipe(
  v.strictObject({
    output: v.optional(v.picklist(['band', 'image']), 'image'),
    generator: v.optional(
      v.strictObject({
        width: v.optional(count, 64),
        blocks: v.optional(count, 16),
        batchNorm: v.optional(v.boolean(), true),
        kernel: v.optional(odd, 9),
        upsampling: v.optional(v.picklist(['shuffle', 'transposed', 'before']), 'shuffle'),
      }),
      {},
    ),
    discriminator: v.optional(
      v.strictObject({
        width: v.optional(count, 64),
        pairs: v.optional(count, 4),
        units: v.optional(count, 1024),
        batchNorm: v.optional(v.boolean(), true),
      }),
      {},
    ),
    losses: v.optional(
      v.strictObject({
        pixel: v.optional(
          v.strictObject({
            kind: v.optional(v.picklist(['l1', 'l2']), 'l2'),
            weight: v.optional(weight, 1),
          }),
          {},
        ),
        content: v.optional(
          v.strictObject({
            layer: v.optional(v.string(), 'conv3'),
            weight: v.optional(weight, 0.006),
          }),
          {},
        ),
        adversarial: v.optional(weight, 0.001),
        variation: v.optional(weight, 2e-8),
        lowPass: v.optional(weight, 0),
      }),
      {},
    ),
    features: v.optional(descriptor, CIFAR10_FEATURES),
    game,
    pretraining: v.optional(
      v.pipe(
        v.number(),
        v.minValue(0),
        v.check((value) => value < 1, 'Expected a number below 1'),
      ),
      0,
    ),
    ...training,
    // SRGAN's; the other adversarial levels begin with the gradient descent of LAPGAN.
    optimiser: v.optional(
      training.optimiser as v.GenericSchema<
        SuperResolveInput['optimiser'],
        SuperResolveOptions['optimiser']
      >,
      { kind: 'adam', rate: 1e-4, beta1: 0.9 },
    ),
  }),
  v.check(
    ({ losses }) =>
      losses.adversarial > 0 ||
      [losses.pixel, losses.content].some((one) => one.weight > 0) ||
      losses.lowPass > 0,
    'Expected at least one loss with a weight above 0',
  ),
) as unknown as v.GenericSchema<SuperResolveInput, SuperResolveOptions>;
