import {
  definePlugin,
  type Level,
  type LevelPlace,
  LapyraError,
  type Plugin,
  sizeName,
} from '@lapyra/core';
import {
  batchNorm,
  dropout,
  flatten,
  leakyRelu,
  linear,
  type LayerInitial,
  type Module,
  noiseVector,
  normal,
  relu,
  reshape,
  sequential,
  type SequentialPart,
  sigmoid,
  zeros,
} from '@lapyra/nn';
import {
  type Adversaries,
  adversarialSampler,
  adversarialTraining,
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
  if (place.coarse) {
    throw new LapyraError(
      'LAPYRA_LEVEL_PLACE',
      `dense at ${sizeName(place.size)}: expected to be the first level, got a level of ${sizeName(place.coarse)} below.`,
      { hint: 'Use refine() for a level that adds detail to a smaller image.' },
    );
  }
  const noise = noiseVector(options.noise, place.size, 'dense');
  const nets: Adversaries = {
    place,
    noise: noise.noise,
    output: 'image',
    generator: noisyNetwork(
      denseGenerator(options, place, noise.length),
      noise,
      [],
      (state, inputs) => noise.apply(state, inputs), // [B, length]
    ),
    discriminator: network(denseDiscriminator(options, place), [], ({ image }) => image!),
  };
  return {
    place,
    noise: nets.noise,
    output: 'image',
    sampler: adversarialSampler(`dense ${sizeName(place.size)}`, nets),
    training: adversarialTraining(nets, options),
  };
}

/** z [B, length] → image [B, H, W, C]. */
function denseGenerator(
  { generator }: DenseOptions,
  { size, channels }: LevelPlace,
  length: number,
): Module {
  const { hidden, activations, batchNorm: normalised } = generator;
  const initial = initialOf(generator.deviation);
  const shape = [...size, channels];
  const layers = hidden.flatMap((units, index): SequentialPart[] => [
    // Batch norm takes the mean away, and a bias with it.
    [
      `linear${index + 1}`,
      linear({ in: hidden[index - 1] ?? length, out: units, bias: !normalised, initial }),
    ],
    ...(normalised ? [[`norm${index + 1}`, batchNorm({ channels: units })] as const] : []),
    [`act${index + 1}`, activations[index] === 'sigmoid' ? sigmoid() : relu()],
  ]);
  const out = size[0] * size[1] * channels;
  return sequential([
    ...layers,
    ['out', linear({ in: hidden.at(-1)!, out, initial })],
    ['image', reshape(shape)],
  ]);
}

/** Image [B, H, W, C] → logits [B, 1]. */
function denseDiscriminator(
  { discriminator }: DenseOptions,
  { size, channels }: LevelPlace,
): Module {
  const { hidden, activation, dropout: drop } = discriminator;
  const initial = initialOf(discriminator.deviation);
  const layers = hidden.flatMap((units, index): SequentialPart[] => [
    [
      `linear${index + 1}`,
      linear({ in: hidden[index - 1] ?? size[0] * size[1] * channels, out: units, initial }),
    ],
    [`act${index + 1}`, activation === 'leakyRelu' ? leakyRelu(0.2) : relu()],
    ...(drop > 0
      ? [[`drop${index + 1}`, dropout({ keep: 1 - drop, shape: [units] })] as const]
      : []),
  ]);
  return sequential([
    ['flat', flatten()],
    ...layers,
    ['out', linear({ in: hidden.at(-1)!, out: 1, initial })],
  ]);
}

function initialOf(deviation: number | null): LayerInitial {
  return deviation === null ? {} : { weight: normal(deviation), bias: zeros };
}
