import type { LevelPlace } from '@lapyra/core';
import { type Network, network } from '@lapyra/gan';
import {
  batchNorm,
  conv2d,
  dropout,
  flatten,
  leakyRelu,
  linear,
  type Module,
  partsThrough,
  scoped,
  sequential,
  type SequentialPart,
  spectralNorm,
} from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { DcganOptions } from './dcgan-options.js';
import { INITIAL } from './dcgan-generator.js';
import type { Doublings } from './doublings.js';

/**
 * Image [B, H, W, C] → logits [B, 1]: convolutions of kernel 4 and stride 2, each of which halves the sides and doubles the
 * planes, with leaky ReLU 0.2; then a linear layer. Where nothing is halved, one convolution of kernel 3.
 *
 * With a condition [B, told] its logit also has the product of features and a linear map of the condition: a projection
 * discriminator (Miyato & Koyama 2018). State: `down1.weight`, …, `out.weight`, `told.weight` [told, features].
 */
export function dcganDiscriminator(
  { width, discriminator }: DcganOptions,
  { start, count }: Doublings,
  { channels }: LevelPlace,
  told: number,
): Network {
  const { norm, dropout: drop } = discriminator;
  const layer = (module: Module): Module => (norm === 'spectral' ? spectralNorm(module) : module);
  const parts: SequentialPart[] = [];
  for (let index = 1; index <= Math.max(1, count); index++) {
    const out = width * 2 ** (index - 1);
    const normalised = norm === 'batch' && index > 1;
    parts.push([
      `down${index}`,
      layer(
        conv2d({
          in: index === 1 ? channels : out / 2,
          out,
          ...(count === 0 ? { kernel: 3 } : { kernel: 4, stride: 2 }),
          padding: 1,
          bias: !normalised,
          initial: INITIAL,
        }),
      ),
    ]);
    if (normalised) parts.push([`norm${index}`, batchNorm({ channels: out })]);
    parts.push([`act${index}`, leakyRelu(0.2)]);
  }
  const features = start[0] * start[1] * width * 2 ** Math.max(0, count - 1);
  const trunk: SequentialPart[] = [
    ...parts,
    ['flat', flatten()],
    ...(drop > 0 ? [['drop', dropout({ keep: 1 - drop, shape: [features] })] as const] : []),
  ];
  const out = layer(linear({ in: features, out: 1, initial: INITIAL }));
  if (told === 0) return network(sequential([...trunk, ['out', out]]), [], ({ image }) => image!);
  const projection = layer(linear({ in: told, out: features, bias: false, initial: INITIAL }));
  return projected(sequential(trunk), scoped('out.', out), scoped('told.', projection));
}

function projected(trunk: Module, out: Module, projection: Module): Network {
  return {
    state: { ...trunk.state, ...out.state, ...projection.state },
    masks: (batch) => trunk.masks(batch),
    wants: ['condition'],
    apply: (state, { image, condition }, context) => {
      const features = trunk.apply(state, image!, context); // [B, features]
      const wanted = projection.apply(state, condition!, context); // [B, features]
      const fit = tf.sum(tf.mul(features, wanted), 1, true); // [B, 1]
      return tf.add(out.apply(state, features, context), fit);
    },
    ...partsThrough(trunk, (part) => network(part, [], ({ image }) => image!)),
  };
}
