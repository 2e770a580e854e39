import { type LevelPlace, type Size, sameSize, type Tensors } from '@lapyra/core';
import type { Network } from '@lapyra/gan';
import {
  batchNorm,
  conv2d,
  linear,
  type Module,
  type ModuleContext,
  type NoiseVector,
  relu,
  reshape,
  scoped,
  sequential,
  type SequentialPart,
  stateless,
  upsampleNearest,
  withoutPrefix,
  withPrefix,
} from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import { halvings } from './halving-discriminator.js';
import type { TextFirstOptions } from './options.js';
import { textPart } from './text-part.js';

/**
 * The generator of GAN-CLS: noise and text side by side → linear → a map of at most 4 × 4 → doubled and convolved by 3 × 3 until
 * it has the image's size; batch norm and ReLU behind each layer but the last, which is linear. Where a side is odd, the doubled
 * map is cut. Where Reed et al. 2016 use transposed convolutions, a doubled map is convolved, which leaves no checkerboard.
 *
 * State: `text.linear.…`, `net.linear.…`, `net.conv1.…`, `net.out.…`, `noise.gain` with a gain.
 */
export function growingGenerator(
  options: TextFirstOptions,
  place: LevelPlace,
  noise: NoiseVector,
  plugin: string,
): Network {
  const text = textPart(place, options.textUnits, plugin);
  const net = scoped('net.', growingNetwork(options, place, noise.length + text.units));
  return {
    state: { ...text.state, ...net.state, ...withPrefix('noise.', noise.state) },
    masks: (batch) => net.masks(batch),
    wants: ['condition'],
    apply: (state: Tensors, inputs: Tensors, context: ModuleContext) => {
      const said = text.apply(state, inputs['condition']!, context); // [B, units]
      const z = noise.apply(withoutPrefix('noise.', state), inputs); // [B, length]
      return net.apply(state, tf.concat([z, said], 1), context); // [B, H, W, C]
    },
  };
}

function growingNetwork(
  { generator }: TextFirstOptions,
  { size, channels }: LevelPlace,
  inputs: number,
): Module {
  const { width, batchNorm: normalised } = generator;
  const sizes = halvings(size).toReversed();
  const steps = sizes.length - 1;
  const planes = (step: number): number => width * 2 ** (steps - step);
  const behind = (name: string | number, channelsOf: number): SequentialPart[] => [
    ...(normalised ? [[`norm${name}`, batchNorm({ channels: channelsOf })] as const] : []),
    [`act${name}`, relu()],
  ];
  const [height, wide] = sizes[0]!;
  const first = planes(0);
  return sequential([
    ['linear', linear({ in: inputs, out: height * wide * first, bias: !normalised })],
    ['map', reshape([height, wide, first])],
    ...behind(0, first),
    ...sizes
      .slice(1)
      .flatMap((target, at): SequentialPart[] => [
        [`up${at + 1}`, doubleTo(sizes[at]!, target)],
        [
          `conv${at + 1}`,
          conv2d({ in: planes(at), out: planes(at + 1), kernel: 3, bias: !normalised }),
        ],
        ...behind(at + 1, planes(at + 1)),
      ]),
    ['out', conv2d({ in: planes(steps), out: channels, kernel: 3 })],
  ]);
}

/** Each pixel becomes 2 × 2; what is more than the target is cut at the right and the bottom. */
function doubleTo([height, width]: Size, target: Size): Module {
  const double = upsampleNearest(2);
  if (sameSize([2 * height, 2 * width], target)) return double;
  return stateless((x) => {
    const large = double.apply({}, x, { training: false, masks: {}, updates: null });
    return tf.slice(large, [0, 0, 0, 0], [-1, target[0], target[1], -1]);
  });
}
