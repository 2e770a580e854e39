import { type Level, type LevelPlace, plane } from '@lapyra/core';
import { type Adversaries, adversarialSampler, adversarialTraining, network } from '@lapyra/gan';
import { type AdversarialOptions, pixelTerm } from '@lapyra/gan';
import { conv2d, flatten, leakyRelu, linear, sequential } from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';

/** A refining level of two small networks. */
export function smallLevel(place: LevelPlace, options: AdversarialOptions): Level {
  const { size, channels } = place;
  const drawing = conv2d({ in: 1 + channels, out: channels, kernel: 5 });
  const judging = sequential([
    conv2d({ in: channels, out: 16, kernel: 3 }),
    leakyRelu(0.2),
    flatten(),
    linear({ in: size[0] * size[1] * 16, out: 1 }),
  ]);
  const nets: Adversaries = {
    place,
    noise: { z: plane(size) },
    output: 'band',
    generator: network(drawing, ['low'], ({ z, low }) => tf.concat([z!, low!], 3)),
    discriminator: network(judging, [], ({ image }) => image!),
  };
  return {
    place,
    noise: nets.noise,
    output: nets.output,
    sampler: adversarialSampler('small', nets),
    training: adversarialTraining(nets, { ...options, terms: [pixelTerm('band', 30)] }),
  };
}
