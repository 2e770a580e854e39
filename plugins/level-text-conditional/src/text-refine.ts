import {
  definePlugin,
  LapyraError,
  type Level,
  type LevelPlace,
  type Plugin,
  sizeName,
} from '@lapyra/core';
import { type Adversaries, adversarialSampler, pixelTerm } from '@lapyra/gan';
import { noisePlanes } from '@lapyra/nn';
import { bandedGenerator } from './banded-generator.js';
import { halvingDiscriminator } from './halving-discriminator.js';
import { type TextRefineInput, type TextRefineOptions, textRefineOptions } from './options.js';
import { textTraining } from './text-training.js';

const NAME = 'textRefine';

/**
 * A refining level that is told a text: LAPGAN's convolutional generator of a band, with the text beside the image below, against a
 * discriminator that sees the image with its text; trained as GAN-INT-CLS. Sources: Denton et al. 2015; Reed et al. 2016.
 */
export const textRefine: Plugin<'level', TextRefineInput, TextRefineOptions> = definePlugin({
  kind: 'level',
  use: '@lapyra/level-text-conditional#textRefine',
  summary: 'a convolutional GAN that adds the detail that a text asks for',
  options: textRefineOptions,
  create: createTextRefine,
});

function createTextRefine(options: TextRefineOptions, place: LevelPlace): Level {
  const { size, coarse } = place;
  if (!coarse)
    throw new LapyraError(
      'LAPYRA_LEVEL_PLACE',
      `${NAME} at ${sizeName(size)}: expected a level below, got none.`,
      { hint: 'Use textFirst() for the first level.' },
    );
  const noise = noisePlanes(options.noise, size);
  const nets: Adversaries = {
    place,
    noise: noise.noise,
    output: 'band',
    generator: bandedGenerator(options, place, noise, NAME),
    discriminator: halvingDiscriminator(options.discriminator, place, options.textUnits, NAME),
  };
  const { pixelLoss } = options;
  return {
    place,
    noise: nets.noise,
    output: nets.output,
    sampler: adversarialSampler(`${NAME} ${sizeName(size)}`, nets),
    training: textTraining(nets, options, pixelLoss > 0 ? [pixelTerm('band', pixelLoss)] : []),
  };
}
