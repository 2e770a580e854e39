import {
  definePlugin,
  LapyraError,
  type Level,
  type LevelPlace,
  type Plugin,
  type Size,
  sizeName,
} from '@lapyra/core';
import {
  batchNorm,
  conv2d,
  dropout,
  flatten,
  leakyRelu,
  linear,
  type Module,
  noisePlanes,
  relu,
  sequential,
  type SequentialPart,
} from '@lapyra/nn';
import {
  type Adversaries,
  adversarialSampler,
  adversarialTraining,
  network,
  noisyNetwork,
  pixelTerm,
} from '@lapyra/gan';
import { type RefineInput, type RefineOptions, refineOptions } from './refine-options.js';

/**
 * A refining level: a convolutional GAN that draws a band given the upsampled image below. Noise enters as planes
 * before the colours, by default one; the discriminator first adds band and upsampled image, then convolves.
 *
 * With its defaults it is the level of LAPGAN for CIFAR-10 with 64 planes: G 7×7, 7×7, 5×5 with ReLU and a linear output,
 * D 5×5 and 5×5 with stride 2, without padding, ReLU, dropout 0.5. Source: Denton et al. 2015, github.com/facebook/eyescream.
 */
export const refine: Plugin<'level', RefineInput, RefineOptions> = definePlugin({
  kind: 'level',
  use: '@lapyra/level-adversarial#refine',
  summary: 'a convolutional GAN that adds detail to the image below',
  options: refineOptions,
  create: createRefine,
});

function createRefine(options: RefineOptions, place: LevelPlace): Level {
  if (!place.coarse) {
    throw new LapyraError(
      'LAPYRA_LEVEL_PLACE',
      `refine at ${sizeName(place.size)}: expected a level below, got the first place of the pyramid.`,
      { hint: 'Use dense() as the first level.' },
    );
  }
  const noise = noisePlanes(options.noise, place.size);
  const nets: Adversaries = {
    place,
    noise: noise.noise,
    output: 'band',
    // The authors' order: noise plane, then colours.
    generator: noisyNetwork(
      refiningGenerator(options, place, noise.planes),
      noise,
      ['low'],
      (state, inputs) => noise.prepend(state, inputs, inputs['low']!), // [B, H, W, planes + C]
    ),
    discriminator: network(refiningDiscriminator(options, place), [], ({ image }) => image!),
  };
  return {
    place,
    noise: nets.noise,
    output: 'band',
    sampler: adversarialSampler(`refine ${sizeName(place.size)}`, nets),
    training: adversarialTraining(nets, {
      ...options,
      terms: options.pixelLoss > 0 ? [pixelTerm('band', options.pixelLoss)] : [],
    }),
  };
}

/** Noise and low [B, H, W, noise + C] → band [B, H, W, C]. */
function refiningGenerator(
  { width, generator }: RefineOptions,
  { channels }: LevelPlace,
  noise: number,
): Module {
  const { kernels, batchNorm: normalised } = generator;
  return sequential(
    kernels.flatMap((kernel, index): SequentialPart[] => {
      const last = index === kernels.length - 1;
      const planes = last ? channels : width;
      const padding = (kernel - 1) / 2;
      const convolution = conv2d({
        in: index === 0 ? noise + channels : width,
        out: planes,
        kernel,
        padding,
        // Batch norm takes the mean away, and a bias with it.
        bias: last || !normalised,
      });
      if (last) return [[`conv${index + 1}`, convolution]];
      return [
        [`conv${index + 1}`, convolution],
        ...(normalised ? [[`norm${index + 1}`, batchNorm({ channels: planes })] as const] : []),
        [`act${index + 1}`, relu()],
      ];
    }),
  );
}

/** Image [B, H, W, C] → logits [B, 1]. */
function refiningDiscriminator(
  { width, discriminator }: RefineOptions,
  { size, channels }: LevelPlace,
): Module {
  const { layers, activation, dropout: drop } = discriminator;
  const parts: SequentialPart[] = [];
  let planes = channels;
  let [height, wide]: Size = size;
  layers.forEach(({ kernel, planes: out = width, stride, padding }, index) => {
    const side = (length: number): number =>
      Math.floor((length + 2 * padding - kernel) / stride) + 1;
    if (side(height) < 1 || side(wide) < 1) {
      throw new LapyraError(
        'LAPYRA_LEVEL_PLACE',
        `refine at ${sizeName(size)}: expected room for discriminator layer ${index + 1} (kernel ${kernel}, padding ${padding}), got an image of ${sizeName([height, wide])}.`,
        { hint: 'Use smaller kernels, more padding or fewer layers in discriminator.layers.' },
      );
    }
    [height, wide] = [side(height), side(wide)];
    parts.push(
      [`conv${index + 1}`, conv2d({ in: planes, out, kernel, stride, padding })],
      [`act${index + 1}`, activation === 'leakyRelu' ? leakyRelu(0.2) : relu()],
    );
    planes = out;
  });
  const features = height * wide * planes;
  return sequential([
    ...parts,
    ['flat', flatten()],
    ...(drop > 0 ? [['drop', dropout({ keep: 1 - drop, shape: [features] })] as const] : []),
    ['out', linear({ in: features, out: 1 })],
  ]);
}
