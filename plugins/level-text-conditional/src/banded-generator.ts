import type { LevelPlace, Tensors } from '@lapyra/core';
import type { Network } from '@lapyra/gan';
import {
  batchNorm,
  conv2d,
  linear,
  type Module,
  type ModuleContext,
  type NoisePlanes,
  relu,
  scoped,
  sequential,
  type SequentialPart,
  withoutPrefix,
  withPrefix,
} from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { TextRefineOptions } from './options.js';
import { textPart } from './text-part.js';

/**
 * The generator of a refining level: planes of noise and the upsampled image below, as in LAPGAN, through convolutions that keep
 * the size, with ReLU behind all but the last. The text is added to what the first convolution gives, a number for each of
 * its planes: but at the border that is what the text's own constant planes beside the image would come to, at a fraction of
 * the cost.
 *
 * State: `text.linear.…`, `join.…`, `first.…`, `net.norm1.…`, `net.conv2.…`, `noise.…` for noise with something to learn.
 */
export function bandedGenerator(
  { generator, textUnits }: TextRefineOptions,
  place: LevelPlace,
  noise: NoisePlanes,
  plugin: string,
): Network {
  const { width, kernels, batchNorm: normalised } = generator;
  const text = textPart(place, textUnits, plugin);
  const inputs = noise.planes + place.channels;
  const first = scoped(
    'first.',
    conv2d({ in: inputs, out: width, kernel: kernels[0]!, bias: !normalised }),
  );
  const join = scoped('join.', linear({ in: text.units, out: width, bias: false }));
  const net = scoped('net.', rest(width, kernels, normalised, place.channels));
  return {
    state: {
      ...text.state,
      ...first.state,
      ...join.state,
      ...net.state,
      ...withPrefix('noise.', noise.state),
    },
    masks: (batch) => net.masks(batch),
    wants: ['low', 'condition'],
    apply: (state: Tensors, given: Tensors, context: ModuleContext) => {
      const said = join.apply(state, text.apply(state, given['condition']!, context), context); // [B, width]
      const seen = noise.prepend(withoutPrefix('noise.', state), given, given['low']!); // [B, H, W, planes + C]
      const maps = first.apply(state, seen, context); // [B, H, W, width]
      const told = tf.add(maps, tf.reshape(said, [said.shape[0] ?? 0, 1, 1, width]));
      return net.apply(state, told, context); // [B, H, W, C]
    },
  };
}

/** What is behind the first convolution. */
function rest(
  width: number,
  kernels: readonly number[],
  normalised: boolean,
  channels: number,
): Module {
  const behind = (layer: number): SequentialPart[] => [
    ...(normalised ? [[`norm${layer}`, batchNorm({ channels: width })] as const] : []),
    [`act${layer}`, relu()],
  ];
  return sequential([
    ...behind(1),
    ...kernels.slice(1).flatMap((kernel, at): SequentialPart[] => {
      const layer = at + 2;
      const isLast = layer === kernels.length;
      const convolution = conv2d({
        in: width,
        out: isLast ? channels : width,
        kernel,
        bias: isLast || !normalised,
      });
      return [[`conv${layer}`, convolution], ...(isLast ? [] : behind(layer))];
    }),
  ]);
}
