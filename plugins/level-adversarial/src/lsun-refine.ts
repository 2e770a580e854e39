import {
  definePlugin,
  LapyraError,
  type Level,
  type LevelPlace,
  type Plugin,
  sizeName,
} from '@lapyra/core';
import {
  type Adversaries,
  adversarialSampler,
  adversarialTraining,
  network,
  noisyNetwork,
} from '@lapyra/gan';
import {
  batchNorm,
  conv2d,
  dropout,
  featureLpPool,
  flatten,
  linear,
  type Module,
  noisePlanes,
  relu,
  sequential,
  type SequentialPart,
} from '@lapyra/nn';
import {
  type LsunRefineInput,
  type LsunRefineOptions,
  lsunRefineOptions,
} from './lsun-refine-options.js';

/** The discriminator's kernels 3, 5 and 7 take 2, 4 and 6 pixels away; one has to be left. */
const LEAST_SIDE = 13;

/**
 * A large refining level: the networks that LAPGAN's authors used for LSUN and ImageNet, found by a random search, with
 * grouped convolutions, batch norm behind ReLU, pooling over pairs of planes and spatial dropout, trained by the margin rule.
 * Source: github.com/facebook/eyescream, lsun/model.lua (`large`), lsun/train.lua.
 */
export const lsunRefine: Plugin<'level', LsunRefineInput, LsunRefineOptions> = definePlugin({
  kind: 'level',
  use: '@lapyra/level-adversarial#lsunRefine',
  summary: 'the large convolutional GAN of LAPGAN for LSUN, that adds detail to the image below',
  options: lsunRefineOptions,
  create: createLsunRefine,
});

function createLsunRefine(options: LsunRefineOptions, place: LevelPlace): Level {
  const { size, coarse, channels } = place;
  if (!coarse) {
    throw new LapyraError(
      'LAPYRA_LEVEL_PLACE',
      `lsunRefine at ${sizeName(size)}: expected a level below, got the first place of the pyramid.`,
      { hint: 'Use dense() as the first level.' },
    );
  }
  if (Math.min(...size) < LEAST_SIDE) {
    throw new LapyraError(
      'LAPYRA_LEVEL_PLACE',
      `lsunRefine at ${sizeName(size)}: expected sides of at least ${LEAST_SIDE} for its discriminator, got ${Math.min(...size)}.`,
      { hint: 'Use denseRefine() for small images, as the preset lsun does at 8.' },
    );
  }
  const noise = noisePlanes(options.noise, size);
  const nets: Adversaries = {
    place,
    noise: noise.noise,
    output: 'band',
    generator: noisyNetwork(
      largeGenerator(options, noise.planes, channels),
      noise,
      ['low'],
      (state, inputs) => noise.prepend(state, inputs, inputs['low']!), // [B, H, W, planes + C]
    ),
    discriminator: network(largeDiscriminator(options, place), [], ({ image }) => image!),
  };
  return {
    place,
    noise: nets.noise,
    output: 'band',
    sampler: adversarialSampler(`lsunRefine ${sizeName(size)}`, nets),
    training: adversarialTraining(nets, options),
  };
}

/** Noise and low [B, H, W, noise + C] → band [B, H, W, C], by five convolutions that keep the size. */
function largeGenerator({ generator }: LsunRefineOptions, noise: number, channels: number): Module {
  const [first, second, third, fourth] = generator.planes;
  const hidden = (
    at: number,
    planes: readonly [from: number, to: number],
    kernel: number,
    groups: number,
  ): SequentialPart[] => [
    [
      `conv${at}`,
      conv2d({ in: planes[0], out: planes[1], kernel, groups, padding: (kernel - 1) / 2 }),
    ],
    [`act${at}`, relu()],
    [`norm${at}`, batchNorm({ channels: planes[1], affine: false })],
  ];
  const drop = (at: number, planes: number): SequentialPart[] =>
    generator.dropout > 0
      ? [[`drop${at}`, dropout({ keep: 1 - generator.dropout, shape: [1, 1, planes] })]]
      : [];
  return sequential([
    ...hidden(1, [noise + channels, first], 7, 1),
    ...hidden(2, [first, second], 7, 4),
    ...drop(2, second),
    ...hidden(3, [second, third], 7, 4),
    ['pool3', featureLpPool({ p: 2, width: 2 })],
    ...hidden(4, [third / 2, fourth], 5, 2),
    ...drop(4, fourth),
    // Batch norm takes the mean away, and a bias with it.
    ['conv5', conv2d({ in: fourth, out: channels, kernel: 7, padding: 3, bias: false })],
    ['norm5', batchNorm({ channels, affine: false })],
  ]);
}

/** Image [B, H, W, C] → logits [B, 1], by three convolutions without padding and a linear layer. */
function largeDiscriminator(
  { discriminator }: LsunRefineOptions,
  { size, channels }: LevelPlace,
): Module {
  const [first, second, third] = discriminator.planes;
  const convolution = (from: number, out: number, kernel: number, groups: number): Module =>
    conv2d({ in: from, out, kernel, groups, padding: 'valid' });
  const features = size.reduce((product, side) => product * (side - LEAST_SIDE + 1), third);
  return sequential([
    ['conv1', convolution(channels, first, 3, 1)],
    ['act1', relu()],
    ['conv2', convolution(first, second, 5, 4)],
    ['act2', relu()],
    ['conv3', convolution(second, third, 7, 16)],
    ['act3', relu()],
    ['flat', flatten()],
    ['out', linear({ in: features, out: 1 })],
  ]);
}
