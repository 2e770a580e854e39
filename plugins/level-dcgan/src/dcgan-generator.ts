import { LapyraError, type LevelPlace, sizeName } from '@lapyra/core';
import {
  batchNorm,
  conv2d,
  convTranspose2d,
  type LayerInitial,
  linear,
  type Module,
  normal,
  relu,
  reshape,
  sequential,
  type SequentialPart,
  stateless,
  tanh,
  zeros,
} from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { DcganOptions } from './dcgan-options.js';
import type { Doublings } from './doublings.js';

/** How all layers begin: normal with deviation 0.02, biases 0. */
export const INITIAL: LayerInitial = { weight: normal(0.02), bias: zeros };

/**
 * Vector [B, length] → image [B, H, W, C]: a linear map to small planes, then transposed convolutions of kernel 4 and
 * stride 2, each of which doubles the sides and halves the planes; batch norm and ReLU between. Where nothing is doubled, a
 * convolution of kernel 3 draws the image. State: `project.weight`, `up1.weight`, …
 *
 * @throws {LapyraError} `LAPYRA_LEVEL_PLACE` for `tanh` where pixels have no common scale
 */
export function dcganGenerator(
  { width, generator }: DcganOptions,
  length: number,
  { start: [height, wide], count }: Doublings,
  place: LevelPlace,
): Module {
  const { batchNorm: normalised, output } = generator;
  const { channels } = place;
  const behind = (name: string, planes: number): SequentialPart[] => [
    ...(normalised ? [[`${name}Norm`, batchNorm({ channels: planes })] as const] : []),
    [`${name}Act`, relu()],
  ];
  const bias = !normalised; // batch norm takes the mean away, and a bias with it
  const planesAt = (layer: number): number => width * 2 ** Math.max(0, count - 1 - layer);
  const parts: SequentialPart[] = [
    ['project', linear({ in: length, out: height * wide * planesAt(0), bias, initial: INITIAL })],
    ['planes', reshape([height, wide, planesAt(0)])],
    ...behind('project', planesAt(0)),
  ];
  for (let layer = 1; layer <= count; layer++) {
    const last = layer === count;
    const out = last ? channels : planesAt(layer);
    parts.push([
      `up${layer}`,
      convTranspose2d({
        in: planesAt(layer - 1),
        out,
        kernel: 4,
        stride: 2,
        padding: 1,
        bias: last || bias,
        initial: INITIAL,
      }),
    ]);
    if (!last) parts.push(...behind(`up${layer}`, out));
  }
  if (count === 0)
    parts.push(['out', conv2d({ in: width, out: channels, kernel: 3, initial: INITIAL })]);
  if (output === 'tanh') parts.push(['tanh', tanh()], ['pixels', toNormalised(place)]);
  return sequential(parts);
}

/** [−1, 1] is stretched to what the pixels 0…255 are in the level's numbers. */
function toNormalised({ size, pixels: { mean, scale, exact } }: LevelPlace): Module {
  if (!exact) {
    throw new LapyraError(
      'LAPYRA_LEVEL_PLACE',
      `dcgan at ${sizeName(size)}: expected pixels with one scale for all positions where it draws by tanh, got one for each position.`,
      {
        hint: "Write whitening: 'channel' or 'range' in the config, or generator: { output: 'linear' }.",
      },
    );
  }
  const stretch = scale.map((one) => 127.5 / one);
  const shift = scale.map((one, channel) => (127.5 - mean[channel]!) / one);
  return stateless((x) => tf.add(tf.mul(x, tf.tensor1d(stretch)), tf.tensor1d(shift)));
}
