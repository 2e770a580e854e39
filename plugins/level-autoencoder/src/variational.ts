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
import { l2, lossTraining, runningScale, withoutPrefix, withPrefix } from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import { gaussianNats, klToStandard } from './gaussian.js';
import { asImages, convolutionNet, denseNet, flat } from './networks.js';
import {
  type VariationalInput,
  type VariationalOptions,
  variationalOptions,
} from './variational-options.js';

/**
 * A variational autoencoder: as first level from a vector of normal noise to an image, above another from planes of noise
 * and the enlarged image below to a band.
 *
 * Sources: Kingma & Welling 2014; Sohn, Lee & Yan 2015 (given the image below); Rybkin, Daniilidis & Levine 2021 (the
 * learned deviation); Higgins et al. 2017 (β).
 */
export const variational: Plugin<'level', VariationalInput, VariationalOptions> = definePlugin({
  kind: 'level',
  use: '@lapyra/level-autoencoder#variational',
  summary: 'a variational autoencoder that draws from normal noise',
  options: variationalOptions,
  create: createVariational,
});

function createVariational(options: VariationalOptions, place: LevelPlace): Level {
  const { size, channels, coarse, condition } = place;
  const output = coarse ? 'band' : 'image';
  const width = conditionWidth(condition);
  const numbers = size[0] * size[1] * channels;
  const latent = coarse ? [...size, options.planes] : [options.latent];
  const nets = coarse
    ? {
        encoder: convolutionNet('encoder.', 2 * channels, options, 2 * options.planes, width),
        decoder: convolutionNet('decoder.', options.planes + channels, options, channels, width),
      }
    : {
        encoder: denseNet('encoder.', numbers, options.hidden, 2 * options.latent, width),
        decoder: denseNet('decoder.', options.latent, options.hidden, numbers, width),
      };
  const scale = runningScale(channels);
  // Of a number around what the decoder says, on a scale on which data are about 1.
  const deviation: StateTensor = { shape: [channels], role: 'weight', initial: { fill: -1 } };
  const state = {
    ...nets.encoder.state,
    ...nets.decoder.state,
    'decoder.logDeviation': deviation,
    ...withPrefix('scale.', scale.state),
  };
  const encode = (current: Tensors, data: tf.Tensor, given: Given): [tf.Tensor, tf.Tensor] => {
    const seen = given.low ? [data, given.low] : [flat(data)];
    const told = nets.encoder.apply(current, seen, given.condition); // [B, …, 2·latent]
    const [mean, logVariance] = tf.split(told, 2, told.rank - 1);
    return [mean!, tf.clipByValue(logVariance!, -12, 12)];
  };
  const decode = (current: Tensors, z: tf.Tensor, given: Given): tf.Tensor => {
    const told = nets.decoder.apply(current, given.low ? [z, given.low] : [z], given.condition);
    return given.low ? told : asImages(told, size, channels);
  };
  const noise: NoiseSpec = {
    z: { distribution: 'normal', shape: latent },
    ...(options.grain
      ? { grain: { distribution: 'normal', shape: [...size, channels] } as const }
      : {}),
  };
  const inputs: Record<string, InputSpec> = {
    ...Object.fromEntries(
      Object.entries(noise).map(([name, { shape }]) => [
        `noise.${name}`,
        { dtype: 'float32', shape: [null, ...shape] } as const,
      ]),
    ),
    ...(coarse ? { low: { dtype: 'float32', shape: [null, ...size, channels] } as const } : {}),
    ...(width > 0 ? { condition: { dtype: 'float32', shape: [null, width] } as const } : {}),
  };
  const parts: DrawPart[] = [
    output,
    ...(coarse ? (['low'] as const) : []),
    ...(width > 0 ? (['condition'] as const) : []),
  ];
  const drawn = Object.keys(state).filter(
    (name) => !name.startsWith('encoder.') && (options.grain || name !== 'decoder.logDeviation'),
  );
  const training = lossTraining({
    state,
    inputs: {
      draws: { real: { count: options.batch, of: parts } },
      random: { noise: { shape: [options.batch, ...latent], distribution: 'normal' } },
    },
    records: ['bound', 'reconstruction', 'kl', 'error'],
    loss: (current, told) => {
      const next = scale.next(withoutPrefix('scale.', current), told[`real.${output}`]!);
      const data = tf.div(told[`real.${output}`]!, scale.of(next)); // [B, H, W, C]
      const given = { low: told['real.low'], condition: told['real.condition'] };
      const [mean, logVariance] = encode(current, data, given);
      const z = tf.add(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), told['noise']!));
      const again = decode(current, z, given);
      const reconstruction = tf.mean(gaussianNats(data, again, current['decoder.logDeviation']!));
      const kl = tf.mean(klToStandard(mean, logVariance));
      return {
        loss: tf.div(tf.add(reconstruction, tf.mul(kl, options.beta)), numbers),
        recorded: { bound: tf.add(reconstruction, kl), reconstruction, kl, error: l2(again, data) },
        statistics: withPrefix('scale.', next),
      };
    },
    optimiser: options.optimiser,
    average: options.average,
  });
  return {
    place,
    noise,
    output,
    sampler: {
      name: `variational ${sizeName(size)}`,
      reads: drawn,
      writes: [],
      inputs,
      outputs: { [output]: 'float32' },
      run: (current, { 'noise.z': z, 'noise.grain': grain, low, condition: vector }) => {
        const mean = decode(current, z!, { low, condition: vector });
        const x = grain
          ? tf.add(mean, tf.mul(grain, tf.exp(current['decoder.logDeviation']!)))
          : mean;
        const size_ = scale.of(withoutPrefix('scale.', current));
        return { state: {}, outputs: { [output]: tf.mul(x, size_) } };
      },
    },
    training: {
      ...training,
      samplerState: Object.fromEntries(drawn.map((name) => [name, training.samplerState[name]!])),
    },
  };
}

interface Given {
  readonly low?: tf.Tensor | undefined;
  readonly condition?: tf.Tensor | undefined;
}
