import {
  definePlugin,
  LapyraError,
  type Level,
  type LevelPlace,
  type Plugin,
  sizeName,
} from '@lapyra/core';
import { noisePlanes } from '@lapyra/nn';
import {
  type Adversaries,
  adversarialSampler,
  adversarialTraining,
  network,
  noisyNetwork,
  pixelTerm,
  refiningDiscriminator,
  refiningGenerator,
} from '@lapyra/gan';
import { type RefineInput, type RefineOptions, refineOptions } from './refine-options.js';

/**
 * A refining level: a convolutional GAN that draws a band given the upsampled image below. Noise enters as planes
 * before the colours, by default one; the discriminator first adds band and upsampled image, then convolves.
 *
 * With its defaults it is the level of LAPGAN for CIFAR-10 with 64 planes: G 7×7, 7×7, 5×5 with ReLU and a linear output,
 * D 5×5 and 5×5 with stride 2, without padding, ReLU, dropout 0.5. Source: Denton et al. 2015, github.com/facebook/eyescream.
 */
export const refine: Plugin<'level', RefineInput, RefineOptions> = definePlugin({
  kind: 'level',
  use: '@lapyra/level-adversarial#refine',
  summary: 'a convolutional GAN that adds detail to the image below',
  options: refineOptions,
  create: createRefine,
});

function createRefine(options: RefineOptions, place: LevelPlace): Level {
  const { size, coarse, channels } = place;
  if (!coarse) {
    throw new LapyraError(
      'LAPYRA_LEVEL_PLACE',
      `refine at ${sizeName(size)}: expected a level below, got the first place of the pyramid.`,
      { hint: 'Use dense() as the first level.' },
    );
  }
  const { width, pixelLoss } = options;
  const noise = noisePlanes(options.noise, size);
  const nets: Adversaries = {
    place,
    noise: noise.noise,
    output: 'band',
    // The authors' order: noise plane, then colours.
    generator: noisyNetwork(
      refiningGenerator(options.generator, width, {
        in: noise.planes + channels,
        out: channels,
      }),
      noise,
      ['low'],
      (state, inputs) => noise.prepend(state, inputs, inputs['low']!), // [B, H, W, planes + C]
    ),
    discriminator: network(
      refiningDiscriminator(options.discriminator, width, place, 'refine'),
      [],
      ({ image }) => image!,
    ),
  };
  return {
    place,
    noise: nets.noise,
    output: 'band',
    sampler: adversarialSampler(`refine ${sizeName(size)}`, nets),
    training: adversarialTraining(nets, {
      ...options,
      terms: pixelLoss > 0 ? [pixelTerm('band', pixelLoss)] : [],
    }),
  };
}
