import {
  conditionWidth,
  definePlugin,
  type DrawPart,
  type InputSpec,
  type Level,
  type LevelPlace,
  type Plugin,
  sizeName,
} from '@lapyra/core';
import { l2, lossTraining, runningScale, withoutPrefix, withPrefix } from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import {
  type DiffusionInput,
  type DiffusionOptions,
  diffusionOptions,
} from './diffusion-options.js';
import { ddimStep, diffuse, signalAt } from './schedule.js';
import { timeFeatures, velocityNet } from './velocity-net.js';

/**
 * A diffusion level: a network learns to take noise away from images, or from bands given the enlarged image below, and
 * draws from pure noise in a fixed number of steps, all in one tensor program.
 *
 * Sources: Ho, Jain & Abbeel 2020 (DDPM); Song, Meng & Ermon 2021 (DDIM); Salimans & Ho 2022 (velocities); Saharia et al.
 * 2021 (SR3, the refining level).
 */
export const diffusion: Plugin<'level', DiffusionInput, DiffusionOptions> = definePlugin({
  kind: 'level',
  use: '@lapyra/level-diffusion#diffusion',
  summary: 'a small diffusion model that draws by DDIM steps in one program',
  options: diffusionOptions,
  create: createDiffusion,
});

function createDiffusion(options: DiffusionOptions, place: LevelPlace): Level {
  const { size, channels, coarse, condition } = place;
  const name = `diffusion ${sizeName(size)}`;
  const width = conditionWidth(condition);
  const output = coarse ? 'band' : 'image';
  const net = velocityNet({
    size,
    channels,
    width: options.width,
    blocks: options.blocks,
    low: coarse !== null,
    condition: width,
  });
  const scale = runningScale(channels);
  const state = { ...net.state, ...withPrefix('scale.', scale.state) };
  const parts: DrawPart[] = [
    output,
    ...(coarse ? (['low'] as const) : []),
    ...(width > 0 ? (['condition'] as const) : []),
  ];
  const inputs: Record<string, InputSpec> = {
    'noise.z': { dtype: 'float32', shape: [null, ...size, channels] },
    ...(coarse ? { low: { dtype: 'float32', shape: [null, ...size, channels] } as const } : {}),
    ...(width > 0 ? { condition: { dtype: 'float32', shape: [null, width] } as const } : {}),
  };
  return {
    place,
    noise: { z: { distribution: 'normal', shape: [...size, channels] } },
    output,
    sampler: {
      name,
      reads: Object.keys(state),
      writes: [],
      inputs,
      outputs: { [output]: 'float32' },
      run: (current, { 'noise.z': z, low, condition: vector }) => {
        let x = z!; // [B, H, W, C]
        for (let left = options.steps; left > 0; left -= 1) {
          const [from, to] = [left / options.steps, (left - 1) / options.steps];
          const times = timeFeatures(tf.tensor1d([from])); // [1, features]
          const v = net.apply(current, x, times, { low, condition: vector });
          x = ddimStep(x, v, signalAt(from), signalAt(to));
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
        draws: { real: { count: options.batch, of: parts } },
        random: {
          t: { shape: [options.batch], distribution: 'uniform' },
          noise: { shape: [options.batch, ...size, channels], distribution: 'normal' },
        },
      },
      records: ['error'],
      loss: (current, given) => {
        const data = given[`real.${output}`]!;
        const next = scale.next(withoutPrefix('scale.', current), data);
        const scaled = tf.div(data, scale.of(next));
        // One time in each of as many equal parts of [0, 1) as there are images: less left to chance.
        const order = tf.tensor1d(Array.from({ length: options.batch }, (_, at) => at));
        const t = tf.div(tf.add(order, given['t']!), options.batch); // [B]
        const { x, v } = diffuse(scaled, given['noise']!, t);
        const found = net.apply(current, x, timeFeatures(t), {
          low: given['real.low'],
          condition: given['real.condition'],
        });
        const error = l2(found, v);
        return {
          loss: error,
          recorded: { error },
          statistics: withPrefix('scale.', next),
        };
      },
      optimiser: options.optimiser,
      average: options.average,
    }),
  };
}
