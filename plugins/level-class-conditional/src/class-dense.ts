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
  denseDiscriminator,
  denseGenerator,
  network,
  noisyNetwork,
} from '@lapyra/gan';
import { noiseVector } from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import {
  type ClassDenseInput,
  type ClassDenseOptions,
  classDenseOptions,
} from './class-dense-options.js';
import { classesOf } from './classes-of.js';

/**
 * A first level that is told the class: a fully connected GAN from a noise vector and a one-hot class to an image.
 *
 * With its defaults it is the 8×8 level of LAPGAN's class-conditional pyramid for CIFAR-10: the class stands behind the noise and behind the flat image; G 110 → 600 →
 * 600 → 192 with ReLU and a linear output, D 202 → 600 → 600 → 1 with ReLU and dropout 0.5. Source: Denton et al. 2015,
 * github.com/facebook/eyescream, train_cifar_classcond.lua.
 */
export const classDense: Plugin<'level', ClassDenseInput, ClassDenseOptions> = definePlugin({
  kind: 'level',
  use: '@lapyra/level-class-conditional#classDense',
  summary: 'a fully connected GAN that is told the class, as first level',
  options: classDenseOptions,
  create: createClassDense,
});

function createClassDense(options: ClassDenseOptions, place: LevelPlace): Level {
  const { size, coarse, channels } = place;
  if (coarse) {
    throw new LapyraError(
      'LAPYRA_LEVEL_PLACE',
      `classDense at ${sizeName(size)}: expected to be the first level, got a level of ${sizeName(coarse)} below.`,
      { hint: 'Use classRefine() for a level that adds detail to a smaller image.' },
    );
  }
  const classes = classesOf(place, 'classDense');
  const noise = noiseVector(options.noise, size, 'classDense');
  const shape = [...size, channels];
  const pixels = size[0] * size[1] * channels;
  const nets: Adversaries = {
    place,
    noise: noise.noise,
    output: 'image',
    generator: noisyNetwork(
      denseGenerator(options.generator, noise.length + classes, shape),
      noise,
      ['condition'],
      (state, inputs) => tf.concat([noise.apply(state, inputs), inputs['condition']!], 1), // [B, length + classes]
    ),
    discriminator: network(
      denseDiscriminator(options.discriminator, pixels + classes),
      ['condition'],
      ({ image, condition }) =>
        tf.concat([tf.reshape(image!, [image!.shape[0] ?? 0, pixels]), condition!], 1), // [B, pixels + classes]
    ),
  };
  return {
    place,
    noise: nets.noise,
    output: nets.output,
    sampler: adversarialSampler(`classDense ${sizeName(size)}`, nets),
    training: adversarialTraining(nets, options),
  };
}
