import {
  definePlugin,
  LapyraError,
  type Level,
  type LevelPlace,
  type Plugin,
  sizeName,
} from '@lapyra/core';
import { type Adversaries, adversarialSampler } from '@lapyra/gan';
import { noiseVector } from '@lapyra/nn';
import { growingGenerator } from './growing-generator.js';
import { halvingDiscriminator } from './halving-discriminator.js';
import { type TextFirstInput, type TextFirstOptions, textFirstOptions } from './options.js';
import { withStyle } from './style-encoder.js';
import { textTraining } from './text-training.js';

const NAME = 'textFirst';

/**
 * A first level that draws what a text says: a convolutional GAN from noise and the text's vector to an image of any size, trained as
 * GAN-INT-CLS. Source: Reed et al. 2016, "Generative Adversarial Text to Image Synthesis".
 */
export const textFirst: Plugin<'level', TextFirstInput, TextFirstOptions> = definePlugin({
  kind: 'level',
  use: '@lapyra/level-text-conditional#textFirst',
  summary: 'a convolutional GAN that draws what a text says, as first level',
  options: textFirstOptions,
  create: createTextFirst,
});

function createTextFirst(options: TextFirstOptions, place: LevelPlace): Level {
  const { size, coarse } = place;
  if (coarse)
    throw new LapyraError(
      'LAPYRA_LEVEL_PLACE',
      `${NAME} at ${sizeName(size)}: expected to be the first level, got a level of ${sizeName(coarse)} below.`,
      { hint: 'Use textRefine() for a level that adds detail to a smaller image.' },
    );
  const noise = noiseVector(options.noise, size, NAME);
  const nets: Adversaries = {
    place,
    noise: noise.noise,
    output: 'image',
    generator: growingGenerator(options, place, noise, NAME),
    discriminator: halvingDiscriminator(options.discriminator, place, options.textUnits, NAME),
  };
  const training = textTraining(nets, options);
  return {
    place,
    noise: nets.noise,
    output: nets.output,
    sampler: adversarialSampler(`${NAME} ${sizeName(size)}`, nets),
    training: options.style ? withStyle(training, nets, options.style) : training,
  };
}
