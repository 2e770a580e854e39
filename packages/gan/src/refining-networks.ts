// Convolutional networks of a refining level: what draws a band at the level's own size, and what judges an image.
import { LapyraError, type Size, sizeName } from '@lapyra/core';
import {
  batchNorm,
  conv2d,
  dropout,
  flatten,
  leakyRelu,
  linear,
  type Module,
  relu,
  sequential,
  type SequentialPart,
} from '@lapyra/nn';
import type {
  RefiningDiscriminatorOptions,
  RefiningGeneratorOptions,
} from './refining-network-options.js';

/** [B, H, W, planes.in] → band [B, H, W, planes.out], with `width` planes between. State: `conv1.weight`, … */
export function refiningGenerator(
  { kernels, batchNorm: normalised }: RefiningGeneratorOptions,
  width: number,
  planes: { readonly in: number; readonly out: number },
): Module {
  return sequential(
    kernels.flatMap((kernel, index): SequentialPart[] => {
      const last = index === kernels.length - 1;
      const out = last ? planes.out : width;
      const convolution = conv2d({
        in: index === 0 ? planes.in : width,
        out,
        kernel,
        padding: (kernel - 1) / 2,
        // Batch norm takes the mean away, and a bias with it.
        bias: last || !normalised,
      });
      if (last) return [[`conv${index + 1}`, convolution]];
      return [
        [`conv${index + 1}`, convolution],
        ...(normalised ? [[`norm${index + 1}`, batchNorm({ channels: out })] as const] : []),
        [`act${index + 1}`, relu()],
      ];
    }),
  );
}

/**
 * [B, H, W, C] → logits [B, 1]. State: `conv1.weight`, …, `out.bias`.
 *
 * @param width planes of the layers that do not say theirs
 * @param subject whose discriminator it is, for messages: `refine`
 * @throws {LapyraError} `LAPYRA_LEVEL_PLACE` if the image is too small for the layers
 */
export function refiningDiscriminator(
  { layers, activation, dropout: drop }: RefiningDiscriminatorOptions,
  width: number,
  image: { readonly size: Size; readonly channels: number },
  subject: string,
): Module {
  const parts: SequentialPart[] = [];
  let planes = image.channels;
  let [height, wide] = image.size;
  layers.forEach(({ kernel, planes: out = width, stride, padding }, index) => {
    const side = (length: number): number =>
      Math.floor((length + 2 * padding - kernel) / stride) + 1;
    if (side(height) < 1 || side(wide) < 1) {
      throw new LapyraError(
        'LAPYRA_LEVEL_PLACE',
        `${subject} at ${sizeName(image.size)}: expected room for discriminator layer ${index + 1} (kernel ${kernel}, padding ${padding}), got an image of ${sizeName([height, wide])}.`,
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
