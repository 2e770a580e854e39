import {
  definePlugin,
  type Level,
  type LevelPlace,
  LapyraError,
  type Plugin,
  sizeName,
} from '@lapyra/core';
import { noiseVector } from '@lapyra/nn';
import {
  type Adversaries,
  adversarialSampler,
  adversarialTraining,
  denseDiscriminator,
  denseGenerator,
  network,
  noisyNetwork,
} from '@lapyra/gan';
import { type DenseInput, type DenseOptions, denseOptions } from './dense-options.js';

/**
 * A first level: a fully connected GAN from a noise vector to an image.
 *
 * With its defaults it is the 8×8 level of LAPGAN for CIFAR-10: G 100 → 1200 → 1200 → 192 with ReLU and a linear output,
 * D 192 → 600 → 600 → 1 with ReLU and dropout 0.5. Source: Denton et al. 2015, github.com/facebook/eyescream.
 */
export const dense: Plugin<'level', DenseInput, DenseOptions> = definePlugin({
  kind: 'level',
  use: '@lapyra/level-adversarial#dense',
  summary: 'a fully connected GAN as first level',
  options: denseOptions,
  create: createDense,
});

function createDense(options: DenseOptions, place: LevelPlace): Level {
  const { size, coarse, channels } = place;
  if (coarse) {
    throw new LapyraError(
      'LAPYRA_LEVEL_PLACE',
      `dense at ${sizeName(size)}: expected to be the first level, got a level of ${sizeName(coarse)} below.`,
      { hint: 'Use refine() for a level that adds detail to a smaller image.' },
    );
  }
  const noise = noiseVector(options.noise, size, 'dense');
  const nets: Adversaries = {
    place,
    noise: noise.noise,
    output: 'image',
    generator: noisyNetwork(
      denseGenerator(options.generator, noise.length, [...size, channels]),
      noise,
      [],
      (state, inputs) => noise.apply(state, inputs), // [B, length]
    ),
    discriminator: network(
      denseDiscriminator(options.discriminator, size[0] * size[1] * channels),
      [],
      ({ image }) => image!,
    ),
  };
  return {
    place,
    noise: nets.noise,
    output: 'image',
    sampler: adversarialSampler(`dense ${sizeName(size)}`, nets),
    training: adversarialTraining(nets, options),
  };
}
