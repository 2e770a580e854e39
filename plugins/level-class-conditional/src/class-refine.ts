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
  pixelTerm,
  refiningDiscriminator,
  refiningGenerator,
} from '@lapyra/gan';
import { noisePlanes } from '@lapyra/nn';
import { classPlane } from './class-plane.js';
import {
  type ClassRefineInput,
  type ClassRefineOptions,
  classRefineOptions,
} from './class-refine-options.js';
import { classesOf } from './classes-of.js';
import { toldDiscriminator, toldGenerator } from './told-networks.js';

/**
 * A refining level that is told the class: a convolutional GAN that draws a band given the upsampled image below. Each
 * network makes of the class one more plane of its own, beside the noise and the colours.
 *
 * With its defaults it is the level of LAPGAN's class-conditional pyramid for CIFAR-10, with 64 planes. Source: Denton et
 * al. 2015, github.com/facebook/eyescream, train_cifar_coarse_to_fine_classcond.lua.
 */
export const classRefine: Plugin<'level', ClassRefineInput, ClassRefineOptions> = definePlugin({
  kind: 'level',
  use: '@lapyra/level-class-conditional#classRefine',
  summary: 'a convolutional GAN that is told the class and adds detail to the image below',
  options: classRefineOptions,
  create: createClassRefine,
});

function createClassRefine(options: ClassRefineOptions, place: LevelPlace): Level {
  const { size, channels } = place;
  if (!place.coarse) {
    throw new LapyraError(
      'LAPYRA_LEVEL_PLACE',
      `classRefine at ${sizeName(size)}: expected a level below, got the first place of the pyramid.`,
      { hint: 'Use classDense() as the first level.' },
    );
  }
  const classes = classesOf(place, 'classRefine');
  const { width, pixelLoss } = options;
  const noise = noisePlanes(options.noise, size);
  const nets: Adversaries = {
    place,
    noise: noise.noise,
    output: 'band',
    generator: toldGenerator(
      refiningGenerator(options.generator, width, {
        in: noise.planes + 1 + channels,
        out: channels,
      }),
      classPlane(classes, size),
      noise,
    ),
    discriminator: toldDiscriminator(
      refiningDiscriminator(
        options.discriminator,
        width,
        { size, channels: channels + 1 },
        'classRefine',
      ),
      classPlane(classes, size),
    ),
  };
  return {
    place,
    noise: nets.noise,
    output: nets.output,
    sampler: adversarialSampler(`classRefine ${sizeName(size)}`, nets),
    training: adversarialTraining(nets, {
      ...options,
      terms: pixelLoss > 0 ? [pixelTerm('band', pixelLoss)] : [],
    }),
  };
}
