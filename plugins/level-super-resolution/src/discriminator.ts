import { LapyraError, type LevelPlace, type Size, sizeName } from '@lapyra/core';
import {
  batchNorm,
  conv2d,
  flatten,
  leakyRelu,
  linear,
  type Module,
  sequential,
  type SequentialPart,
} from '@lapyra/nn';
import type { DiscriminatorOptions } from './super-resolve-options.js';

/**
 * SRGAN's discriminator (Ledig et al. 2017): pairs of 3 × 3 convolutions, the second of each with stride 2, the planes
 * doubled from pair to pair; batch norm behind all but the first, leaky ReLU 0.2; two linear layers. Image [B, H, W, C] →
 * logits [B, 1].
 *
 * @throws {LapyraError} `LAPYRA_LEVEL_PLACE` if an image is smaller than the pairs can halve
 */
export function pairedDiscriminator(
  options: DiscriminatorOptions,
  { size, channels }: LevelPlace,
): Module {
  const { width, pairs, units } = options;
  if (Math.min(...size) < 2 ** (pairs - 1) + 1 && pairs > 1) {
    throw new LapyraError(
      'LAPYRA_LEVEL_PLACE',
      `superResolve at ${sizeName(size)}: expected images of at least ${2 ** (pairs - 1) + 1} pixels for ${pairs} pairs of discriminator layers, got ${Math.min(...size)}.`,
      { hint: 'Use fewer pairs: discriminator.pairs.' },
    );
  }
  const parts: SequentialPart[] = [];
  let planes = channels;
  let [height, wide]: Size = size;
  for (let index = 1; index <= 2 * pairs; index++) {
    const stride = index % 2 === 0 ? 2 : 1;
    const out = width * 2 ** (Math.ceil(index / 2) - 1);
    const normalised = options.batchNorm && index > 1;
    parts.push([
      `conv${index}`,
      conv2d({ in: planes, out, kernel: 3, stride, padding: 1, bias: !normalised }),
    ]);
    if (normalised) parts.push([`norm${index}`, batchNorm({ channels: out })]);
    parts.push([`act${index}`, leakyRelu(0.2)]);
    [height, wide] = [Math.ceil(height / stride), Math.ceil(wide / stride)];
    planes = out;
  }
  return sequential([
    ...parts,
    ['flat', flatten()],
    ['hidden', linear({ in: height * wide * planes, out: units })],
    ['act', leakyRelu(0.2)],
    ['out', linear({ in: units, out: 1 })],
  ]);
}
