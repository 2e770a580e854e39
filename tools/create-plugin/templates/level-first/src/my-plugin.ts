import {
  definePlugin,
  elementCount,
  LapyraError,
  type Level,
  type LevelPlace,
  type Plugin,
  sizeName,
  vector,
} from '@lapyra/core';
import { type Adversaries, adversarialSampler, adversarialTraining, network } from '@lapyra/gan';
import {
  batchNorm,
  dropout,
  flatten,
  leakyRelu,
  linear,
  type Module,
  relu,
  reshape,
  sequential,
} from '@lapyra/nn';
import { type MyPluginInput, type MyPluginOptions, myPluginOptions } from './options.js';

/** A first level: one fully connected network draws images from noise, another judges them. */
export const myPlugin: Plugin<'level', MyPluginInput, MyPluginOptions> = definePlugin({
  kind: 'level',
  use: 'lapyra-kind-my-plugin#myPlugin',
  summary: 'a small fully connected GAN that draws the first image',
  options: myPluginOptions,
  create: createMyPlugin,
});

function createMyPlugin(options: MyPluginOptions, place: LevelPlace): Level {
  if (place.coarse)
    throw new LapyraError(
      'LAPYRA_LEVEL_PLACE',
      `myPlugin at ${sizeName(place.size)}: expected the first place of the pyramid, got a level below.`,
      { hint: 'Put a refining level here.' },
    );
  const { batch, rate } = options;
  const nets: Adversaries = {
    place,
    noise: { z: vector(options.noise) },
    output: 'image',
    generator: network(generator(options, place), [], ({ z }) => z!),
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
    }),
  };
}

/** Noise [B, noise] → image [B, H, W, C]. */
function generator({ noise, width }: MyPluginOptions, { size, channels }: LevelPlace): Module {
  const image = [...size, channels];
  return sequential([
    ['linear1', linear({ in: noise, out: width, bias: false })],
    ['norm1', batchNorm({ channels: width })],
    ['act1', relu()],
    ['linear2', linear({ in: width, out: width, bias: false })],
    ['norm2', batchNorm({ channels: width })],
    ['act2', relu()],
    ['out', linear({ in: width, out: elementCount(image) })],
    ['image', reshape(image)],
  ]);
}

/** Image [B, H, W, C] → logits [B, 1]. */
function discriminator({ width }: MyPluginOptions, { size, channels }: LevelPlace): Module {
  return sequential([
    ['flat', flatten()],
    ['linear1', linear({ in: elementCount([...size, channels]), out: width })],
    ['act1', leakyRelu(0.2)],
    ['drop1', dropout({ keep: 0.7, shape: [width] })],
    ['linear2', linear({ in: width, out: width })],
    ['act2', leakyRelu(0.2)],
    ['out', linear({ in: width, out: 1 })],
  ]);
}
