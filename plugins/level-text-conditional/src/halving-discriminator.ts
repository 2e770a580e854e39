import type { LevelPlace, Size } from '@lapyra/core';
import type { Network } from '@lapyra/gan';
import {
  batchNorm,
  conv2d,
  dropout,
  flatten,
  leakyRelu,
  linear,
  scoped,
  sequential,
  type SequentialPart,
} from '@lapyra/nn';
import type { DiscriminatorOptions } from './options.js';
import { depthConcat, textPart } from './text-part.js';

/** The largest map that a text joins. */
const JOINS_AT = 4;

/** Sizes of the maps from an image's down to at most 4×4, each half of the one before, rounded up. */
export function halvings(size: Size): readonly Size[] {
  const sizes: Size[] = [size];
  for (let [height, width] = size; Math.max(height, width) > JOINS_AT;) {
    [height, width] = [Math.ceil(height / 2), Math.ceil(width / 2)];
    sizes.push([height, width]);
  }
  return sizes;
}

/**
 * The discriminator of GAN-CLS: 4 × 4 convolutions of stride 2 down to a map of at most 4 × 4, which the text joins by depth
 * concatenation; a 1 × 1 convolution over both, and one number over all. From `image` [B, H, W, C] and `condition` [B, width] to
 * logits [B, 1]. An image of at most 4 × 4 is convolved once, by 3 × 3. Source: Reed et al. 2016.
 *
 * State: `trunk.conv1.…`, `trunk.norm2.…`, `text.linear.…`, `joint.conv.…`, `joint.out.…`.
 */
export function halvingDiscriminator(
  options: DiscriminatorOptions,
  place: LevelPlace,
  units: number,
  plugin: string,
): Network {
  const { width, batchNorm: normalised, dropout: left } = options;
  const sizes = halvings(place.size);
  const layers = Math.max(1, sizes.length - 1);
  const planes = (layer: number): number => width * 2 ** (layer - 1);
  const trunk = scoped(
    'trunk.',
    sequential(
      Array.from({ length: layers }, (_, at): SequentialPart[] => {
        const layer = at + 1;
        const norm = normalised && layer > 1;
        const shape = sizes.length > 1 ? { kernel: 4, stride: 2 } : { kernel: 3 };
        const inputs = at === 0 ? place.channels : planes(at);
        return [
          [`conv${layer}`, conv2d({ in: inputs, out: planes(layer), ...shape, bias: !norm })],
          ...(norm ? [[`norm${layer}`, batchNorm({ channels: planes(layer) })] as const] : []),
          [`act${layer}`, leakyRelu(0.2)],
        ];
      }).flat(),
    ),
  );
  const text = textPart(place, units, plugin);
  const [height, wide] = sizes.at(-1)!;
  const last = planes(layers);
  const joint = scoped(
    'joint.',
    sequential([
      ['conv', conv2d({ in: last + units, out: last, kernel: 1, bias: !normalised })],
      ...(normalised ? [['norm', batchNorm({ channels: last })] as const] : []),
      ['act', leakyRelu(0.2)],
      ['flat', flatten()],
      ...(left > 0
        ? [['drop', dropout({ keep: 1 - left, shape: [height * wide * last] })] as const]
        : []),
      ['out', linear({ in: height * wide * last, out: 1 })],
    ]),
  );
  return {
    state: { ...trunk.state, ...text.state, ...joint.state },
    masks: (batch) => ({ ...trunk.masks(batch), ...joint.masks(batch) }),
    wants: ['condition'],
    apply: (state, { image, condition }, context) => {
      const map = trunk.apply(state, image!, context); // [B, h, w, last]
      const said = text.apply(state, condition!, context); // [B, units]
      return joint.apply(state, depthConcat(map, said), context); // [B, 1]
    },
  };
}
