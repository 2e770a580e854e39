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
  network,
  noisyNetwork,
} from '@lapyra/gan';
import {
  dropout,
  flatten,
  linear,
  type Module,
  noisePlanes,
  relu,
  reshape,
  sequential,
  type SequentialPart,
} from '@lapyra/nn';
import {
  type DenseRefineInput,
  type DenseRefineOptions,
  denseRefineOptions,
} from './dense-refine-options.js';

/**
 * A fully connected refining level, for images so small that convolutions have no room: G from noise and colours by three
 * hidden layers of 1024 units with ReLU and dropout to a band, D of three layers of 512. Source:
 * github.com/facebook/eyescream, lsun/model.lua (`full`).
 */
export const denseRefine: Plugin<'level', DenseRefineInput, DenseRefineOptions> = definePlugin({
  kind: 'level',
  use: '@lapyra/level-adversarial#denseRefine',
  summary: 'a fully connected GAN that adds detail to a small image below',
  options: denseRefineOptions,
  create: createDenseRefine,
});

function createDenseRefine(options: DenseRefineOptions, place: LevelPlace): Level {
  const { size, coarse, channels } = place;
  if (!coarse) {
    throw new LapyraError(
      'LAPYRA_LEVEL_PLACE',
      `denseRefine at ${sizeName(size)}: expected a level below, got the first place of the pyramid.`,
      { hint: 'Use dense() as the first level.' },
    );
  }
  const noise = noisePlanes(options.noise, size);
  const pixels = size[0] * size[1];
  const nets: Adversaries = {
    place,
    noise: noise.noise,
    output: 'band',
    generator: noisyNetwork(
      bandGenerator(options, pixels * (noise.planes + channels), place),
      noise,
      ['low'],
      (state, inputs) => noise.prepend(state, inputs, inputs['low']!), // [B, H, W, planes + C]
    ),
    discriminator: network(
      denseDiscriminator(
        { ...options.discriminator, activation: 'relu', dropout: 0, deviation: null },
        pixels * channels,
      ),
      [],
      ({ image }) => image!,
    ),
  };
  return {
    place,
    noise: nets.noise,
    output: 'band',
    sampler: adversarialSampler(`denseRefine ${sizeName(size)}`, nets),
    training: adversarialTraining(nets, options),
  };
}

/** Noise and low [B, H, W, noise + C] → band [B, H, W, C]. */
function bandGenerator(
  { generator: { hidden, dropout: drop } }: DenseRefineOptions,
  width: number,
  { size, channels }: LevelPlace,
): Module {
  const layers = hidden.flatMap((units, index): SequentialPart[] => [
    [`linear${index + 1}`, linear({ in: hidden[index - 1] ?? width, out: units })],
    [`act${index + 1}`, relu()],
    ...(drop > 0
      ? [[`drop${index + 1}`, dropout({ keep: 1 - drop, shape: [units] })] as const]
      : []),
  ]);
  return sequential([
    ['flat', flatten()],
    ...layers,
    ['out', linear({ in: hidden.at(-1) ?? width, out: size[0] * size[1] * channels })],
    ['band', reshape([...size, channels])],
  ]);
}
