import {
  conditionWidth,
  definePlugin,
  type DrawPart,
  type InputSpec,
  type Level,
  type LevelPlace,
  type NoiseSpec,
  type Plugin,
  sizeName,
  type StateTensor,
  type Tensors,
} from '@lapyra/core';
import {
  l2,
  lossTraining,
  runningScale,
  stopGradient,
  withoutPrefix,
  withPrefix,
} from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import {
  type DenoisingInput,
  type DenoisingOptions,
  denoisingOptions,
} from './denoising-options.js';
import { gaussianNats } from './gaussian.js';
import { asImages, convolutionNet, denseNet, flat } from './networks.js';

/**
 * A denoising autoencoder that draws by a chain: corrupt, restore, corrupt again. As first level the chain begins with noise,
 * above another with no band at all: with the enlarged image below.
 *
 * Sources: Vincent et al. 2008; Bengio, Yao, Alain & Vincent 2013 (the chain, and walkback training).
 */
export const denoising: Plugin<'level', DenoisingInput, DenoisingOptions> = definePlugin({
  kind: 'level',
  use: '@lapyra/level-autoencoder#denoising',
  summary: 'a denoising autoencoder that draws by corrupting and restoring in turns',
  options: denoisingOptions,
  create: createDenoising,
});

function createDenoising(options: DenoisingOptions, place: LevelPlace): Level {
  const { size, channels, coarse, condition } = place;
  const { corruption, walkback, chain, batch } = options;
  const output = coarse ? 'band' : 'image';
  const width = conditionWidth(condition);
  const numbers = size[0] * size[1] * channels;
  const net = coarse
    ? convolutionNet('net.', 2 * channels, options, channels, width)
    : denseNet('net.', numbers, options.hidden, numbers, width);
  const scale = runningScale(channels);
  // Of what was not corrupted around what is restored, on a scale on which data are about 1.
  const deviation: StateTensor = { shape: [channels], role: 'weight', initial: { fill: -1 } };
  const state = { ...net.state, logDeviation: deviation, ...withPrefix('scale.', scale.state) };
  const restore = (current: Tensors, x: tf.Tensor, given: Given): tf.Tensor => {
    const told = net.apply(current, given.low ? [x, given.low] : [flat(x)], given.condition);
    return given.low ? told : asImages(told, size, channels);
  };
  const image = [...size, channels];
  const noise: NoiseSpec = {
    // What the chain begins with, and what corrupts: each step its own.
    ...(coarse ? {} : { start: { distribution: 'normal', shape: image } as const }),
    corruption: { distribution: 'normal', shape: [chain, ...image] },
  };
  const inputs: Record<string, InputSpec> = {
    ...Object.fromEntries(
      Object.entries(noise).map(([name, { shape }]) => [
        `noise.${name}`,
        { dtype: 'float32', shape: [null, ...shape] } as const,
      ]),
    ),
    ...(coarse ? { low: { dtype: 'float32', shape: [null, ...image] } as const } : {}),
    ...(width > 0 ? { condition: { dtype: 'float32', shape: [null, width] } as const } : {}),
  };
  const parts: DrawPart[] = [
    output,
    ...(coarse ? (['low'] as const) : []),
    ...(width > 0 ? (['condition'] as const) : []),
  ];
  /** What is restored is drawn from N(restored, deviation), then corrupted: together one normal number. */
  const spread = (current: Tensors): tf.Tensor =>
    tf.sqrt(tf.add(tf.exp(tf.mul(current['logDeviation']!, 2)), corruption ** 2)); // [C]
  return {
    place,
    noise,
    output,
    sampler: {
      name: `denoising ${sizeName(size)}`,
      reads: Object.keys(state),
      writes: [],
      inputs,
      outputs: { [output]: 'float32' },
      run: (current, { 'noise.start': start, 'noise.corruption': all, low, condition: vector }) => {
        const steps = tf.unstack(all!, 1); // [B, H, W, C] each
        let x = start ?? tf.zerosLike(steps[0]!);
        for (const [at, step] of steps.entries()) {
          const corrupted = tf.add(x, tf.mul(step, at === 0 ? corruption : spread(current)));
          x = restore(current, corrupted, { low, condition: vector });
        }
        return {
          state: {},
          outputs: { [output]: tf.mul(x, scale.of(withoutPrefix('scale.', current))) },
        };
      },
    },
    training: lossTraining({
      state,
      inputs: {
        draws: { real: { count: batch, of: parts } },
        random: { corruption: { shape: [batch, walkback, ...image], distribution: 'normal' } },
      },
      records: ['nats', 'error'],
      loss: (current, told) => {
        const next = scale.next(withoutPrefix('scale.', current), told[`real.${output}`]!);
        const data = tf.div(told[`real.${output}`]!, scale.of(next)); // [B, H, W, C]
        const given = { low: told['real.low'], condition: told['real.condition'] };
        const steps = tf.unstack(told['corruption']!, 1);
        let x = data;
        const restored = steps.map((step, at) => {
          const deviations = at === 0 ? corruption : stopGradient(spread(current));
          const again = restore(current, tf.add(x, tf.mul(step, deviations)), given);
          x = stopGradient(again);
          return again;
        });
        const nats = restored
          .map((one) => tf.mean(gaussianNats(data, one, current['logDeviation']!)))
          .reduce((sum, one) => tf.add(sum, one));
        const mean = tf.div(nats, walkback);
        return {
          loss: tf.div(mean, numbers),
          recorded: { nats: mean, error: l2(restored[0]!, data) },
          statistics: withPrefix('scale.', next),
        };
      },
      optimiser: options.optimiser,
      average: options.average,
    }),
  };
}

interface Given {
  readonly low?: tf.Tensor | undefined;
  readonly condition?: tf.Tensor | undefined;
}
