import {
  definePlugin,
  LapyraError,
  type Level,
  type LevelPlace,
  plane,
  type Plugin,
  sizeName,
} from '@lapyra/core';
import {
  type Adversaries,
  adversarialSampler,
  adversarialTraining,
  network,
  pixelTerm,
} from '@lapyra/gan';
import { conv2d, flatten, leakyRelu, linear, type Module, relu, sequential } from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import { type MyPluginInput, type MyPluginOptions, myPluginOptions } from './options.js';

/** A refining level: one convnet draws the band that the enlarged image below lacks, another judges the result. */
export const myPlugin: Plugin<'level', MyPluginInput, MyPluginOptions> = definePlugin({
  kind: 'level',
  use: 'lapyra-kind-my-plugin#myPlugin',
  summary: 'a small convolutional GAN that adds detail to the image below',
  options: myPluginOptions,
  create: createMyPlugin,
});

function createMyPlugin(options: MyPluginOptions, place: LevelPlace): Level {
  if (!place.coarse)
    throw new LapyraError(
      'LAPYRA_LEVEL_PLACE',
      `myPlugin at ${sizeName(place.size)}: expected a level below, got the first place of the pyramid.`,
      { hint: 'Put another level first.' },
    );
  const { batch, rate, pixelLoss } = options;
  const nets: Adversaries = {
    place,
    noise: { z: plane(place.size) },
    output: 'band',
    generator: network(
      generator(options, place),
      ['low'],
      ({ z, low }) => tf.concat([z!, low!], 3), // [B, H, W, 1 + C]
    ),
    discriminator: network(discriminator(options, place), [], ({ image }) => image!),
  };
  return {
    place,
    noise: nets.noise,
    output: nets.output,
    sampler: adversarialSampler(`myPlugin ${sizeName(place.size)}`, nets),
    training: adversarialTraining(nets, {
      batch: { real: batch, generated: batch, generator: 2 * batch },
      loss: 'cross-entropy',
      optimiser: { kind: 'adam', rate, beta1: 0.5, beta2: 0.999, decayFrom: 0.5, decayTo: 0.02 },
      average: 0.99,
      terms: pixelLoss > 0 ? [pixelTerm('band', pixelLoss)] : [],
    }),
  };
}

/** Noise and enlarged image [B, H, W, 1 + C] → band [B, H, W, C]. */
function generator({ width }: MyPluginOptions, { channels }: LevelPlace): Module {
  return sequential([
    ['conv1', conv2d({ in: 1 + channels, out: width, kernel: 5 })],
    ['act1', relu()],
    ['conv2', conv2d({ in: width, out: width, kernel: 3 })],
    ['act2', relu()],
    ['conv3', conv2d({ in: width, out: channels, kernel: 3 })],
  ]);
}

/** Image [B, H, W, C] → logits [B, 1]. */
function discriminator({ width }: MyPluginOptions, { size, channels }: LevelPlace): Module {
  const [height, wide] = [Math.ceil(size[0] / 4), Math.ceil(size[1] / 4)];
  return sequential([
    ['conv1', conv2d({ in: channels, out: width, kernel: 4, stride: 2 })],
    ['act1', leakyRelu(0.2)],
    ['conv2', conv2d({ in: width, out: 2 * width, kernel: 4, stride: 2 })], // [B, ⌈H/4⌉, ⌈W/4⌉, 2 · width]
    ['act2', leakyRelu(0.2)],
    ['flat', flatten()],
    ['out', linear({ in: height * wide * 2 * width, out: 1 })],
  ]);
}
