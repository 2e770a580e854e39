import {
  conditionWidth,
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
  augmentationOf,
  noisyNetwork,
} from '@lapyra/gan';
import { noiseVector } from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import { dcganDiscriminator } from './dcgan-discriminator.js';
import { dcganGenerator } from './dcgan-generator.js';
import { type DcganInput, type DcganOptions, dcganOptions } from './dcgan-options.js';
import { doublings } from './doublings.js';

/**
 * A first level, or a pyramid of one level: DCGAN, convolutional networks that draw an image from a noise vector and judge
 * it, with batch norm, leaky ReLU and Adam. Source: Radford et al. 2015, github.com/soumith/dcgan.torch.
 *
 * In a pyramid with a condition the generator is given it beside the noise, and the discriminator projects it.
 */
export const dcgan: Plugin<'level', DcganInput, DcganOptions> = definePlugin({
  kind: 'level',
  use: '@lapyra/level-dcgan#dcgan',
  summary: 'DCGAN, as first level or at full size',
  options: dcganOptions,
  create: createDcgan,
});

function createDcgan(options: DcganOptions, place: LevelPlace): Level {
  const { size, coarse, condition } = place;
  if (coarse) {
    throw new LapyraError(
      'LAPYRA_LEVEL_PLACE',
      `dcgan at ${sizeName(size)}: expected to be the first level, got a level of ${sizeName(coarse)} below.`,
      { hint: 'Make it the first level or the only one; refine() adds detail to a smaller image.' },
    );
  }
  const told = conditionWidth(condition);
  if (options.wrongPairs > 0 && told === 0) {
    throw new LapyraError(
      'LAPYRA_LEVEL_CONDITION',
      `dcgan at ${sizeName(size)}: expected a pyramid with a condition for wrongPairs ${options.wrongPairs}, got one without.`,
      { hint: "Write condition: 'class' in the config, or leave wrongPairs at 0." },
    );
  }
  const path = doublings(size, 'dcgan');
  const noise = noiseVector(options.noise, size, 'dcgan');
  const nets: Adversaries = {
    place,
    noise: noise.noise,
    output: 'image',
    generator: noisyNetwork(
      dcganGenerator(options, noise.length + told, path, place),
      noise,
      told > 0 ? ['condition'] : [],
      (state, inputs) => {
        const z = noise.apply(state, inputs);
        return told > 0 ? tf.concat([z, inputs['condition']!], 1) : z; // [B, length + told]
      },
    ),
    discriminator: dcganDiscriminator(options, path, place, told),
  };
  return {
    place,
    noise: nets.noise,
    output: nets.output,
    sampler: adversarialSampler(`dcgan ${sizeName(size)}`, nets),
    training: adversarialTraining(nets, {
      ...options,
      augmentation: augmentationOf(options.augmentation),
      apart: options.discriminator.norm === 'batch',
    }),
  };
}
