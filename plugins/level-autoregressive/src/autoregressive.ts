import {
  conditionWidth,
  definePlugin,
  type DrawPart,
  type InputSpec,
  LapyraError,
  type Level,
  type LevelPlace,
  type NoiseSpec,
  type Plugin,
  sizeName,
  type TensorProgram,
  type Tensors,
} from '@lapyra/core';
import { lossTraining } from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import {
  type AutoregressiveInput,
  type AutoregressiveOptions,
  autoregressiveOptions,
} from './autoregressive-options.js';
import { type GatedPixelNet, gatedPixelNet, type Given } from './gated-pixel-net.js';
import { logisticMixture, toUnit } from './logistic-mixture.js';
import { pixelSampler } from './pixel-sampler.js';
import { toNormalised, toPixels } from './pixel-values.js';

/**
 * An autoregressive level: the probability of an image as the product of those of its pixels, row by row, each given the
 * ones before; as first level, or given the enlarged image below. Likelihoods of 8-bit images are exact.
 *
 * A Gated PixelCNN (van den Oord et al. 2016) with the discretised logistic mixture of PixelCNN++ (Salimans et al. 2017).
 */
export const autoregressive: Plugin<'level', AutoregressiveInput, AutoregressiveOptions> =
  definePlugin({
    kind: 'level',
    use: '@lapyra/level-autoregressive#autoregressive',
    summary: 'a PixelCNN that draws pixel by pixel and knows exact likelihoods',
    options: autoregressiveOptions,
    create: createAutoregressive,
  });

function createAutoregressive(options: AutoregressiveOptions, place: LevelPlace): Level {
  const { size, channels, condition, coarse, pixels: scale } = place;
  const name = `autoregressive ${sizeName(size)}`;
  if (!scale.exact) {
    throw new LapyraError(
      'LAPYRA_AUTOREGRESSIVE_PIXELS',
      `${name}: expected pixels with one scale for each channel, got a whitening of its own for each position.`,
      { hint: `Set data.whitening to 'channel' or 'range'.` },
    );
  }
  const width = conditionWidth(condition);
  const mixture = logisticMixture(channels, options.components);
  const net = gatedPixelNet({
    size,
    channels,
    width: options.width,
    blocks: options.blocks,
    low: coarse !== null,
    condition: width,
    outputs: mixture.parameters,
  });
  const noise: NoiseSpec = {
    // For each pixel one variable for the choice among the mixture, and one for each channel.
    u: { distribution: 'uniform', shape: [...size, 1 + channels] },
  };
  const parts: DrawPart[] = [
    'image',
    ...(coarse ? (['low'] as const) : []),
    ...(width > 0 ? (['condition'] as const) : []),
  ];
  const given: Record<string, InputSpec> = {
    ...(coarse ? { low: { dtype: 'float32', shape: [null, ...size, channels] } as const } : {}),
    ...(width > 0 ? { condition: { dtype: 'float32', shape: [null, width] } as const } : {}),
  };
  const reads = Object.keys(net.state);
  const logLikelihood = (state: Tensors, image: tf.Tensor, extra: Given): tf.Tensor => {
    const values = toPixels(image, scale); // [B, H, W, C]
    const parameters = rows(net.apply(state, toUnit(values), extra)); // [B·H·W, P]
    const each = mixture.logProbability(parameters, rows(values));
    return tf.sum(tf.reshape(each, [image.shape[0]!, size[0] * size[1]]), 1); // [B]
  };
  return {
    place,
    noise,
    output: 'image',
    sampler: pixelSampler({
      program: drawAll(name, net, mixture, given, place, reads),
      place,
      toImage: (values) => toNormalised(values, scale),
    }),
    likelihood: {
      name: `likelihood of ${name}`,
      reads,
      writes: [],
      inputs: { image: { dtype: 'float32', shape: [null, ...size, channels] }, ...given },
      outputs: { logLikelihood: 'float32' },
      run: (state, { image, low, condition: vector }) => ({
        state: {},
        outputs: { logLikelihood: logLikelihood(state, image!, { low, condition: vector }) },
      }),
    },
    training: lossTraining({
      state: net.state,
      inputs: { draws: { real: { count: options.batch, of: parts } } },
      records: ['bits'],
      loss: (state, inputs) => {
        const image = inputs['real.image']!;
        const nats = tf.mean(
          logLikelihood(state, image, {
            low: inputs['real.low'],
            condition: inputs['real.condition'],
          }),
        );
        const bits = tf.mul(nats, -1 / (size[0] * size[1] * channels * Math.LN2));
        return { loss: bits, recorded: { bits } };
      },
      optimiser: options.optimiser,
      average: options.average,
    }),
  };
}

/** All pixels at once, each drawn given those before it in `values`. */
function drawAll(
  name: string,
  net: GatedPixelNet,
  mixture: ReturnType<typeof logisticMixture>,
  given: Readonly<Record<string, InputSpec>>,
  { size, channels }: LevelPlace,
  reads: readonly string[],
): TensorProgram {
  return {
    name,
    reads,
    writes: [],
    inputs: {
      values: { dtype: 'float32', shape: [null, ...size, channels] },
      'noise.u': { dtype: 'float32', shape: [null, ...size, 1 + channels] },
      ...given,
    },
    outputs: { values: 'float32' },
    run: (state, inputs) => {
      const { values, low, condition } = inputs;
      // From [−1, 1) to (0, 1), the ends left out.
      const uniform = tf.clipByValue(
        tf.mul(tf.add(inputs['noise.u']!, 1), 0.5),
        2 ** -25,
        1 - 2 ** -24,
      );
      const parameters = net.apply(state, toUnit(values!), { low, condition });
      const drawn = mixture.draw(rows(parameters), rows(uniform)); // [B·H·W, C]
      return { state: {}, outputs: { values: tf.reshape(drawn, values!.shape) } };
    },
  };
}

/** [B, H, W, n] → [B·H·W, n]. */
function rows(x: tf.Tensor): tf.Tensor {
  const [batch, height, width, planes] = x.shape as [number, number, number, number];
  return tf.reshape(x, [batch * height * width, planes]);
}
