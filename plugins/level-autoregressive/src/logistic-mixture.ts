// The distribution of a pixel's 8-bit values as a discretised mixture of logistics (Salimans et al. 2017, PixelCNN++). All
// channels of a pixel share the mixture's choice, and the mean of a channel moves linearly with the values of those before.
import * as tf from '@tensorflow/tfjs-core';

/** Half the distance of two neighbouring values, on [−1, 1]. */
const HALF = 1 / 255;
/** Scales begin about e^OFFSET, and never are below e^LEAST. */
const OFFSET = -2;
const LEAST = -7;

export interface LogisticMixture {
  /** Parameters of a pixel: weights, and for each channel means, scales, and slopes along the channels before it. */
  readonly parameters: number;
  /**
   * The log-probability of pixels: exact, since what is below 0 counts as 0 and what is above 255 as 255.
   *
   * @param parameters [N, parameters]
   * @param values whole numbers 0…255 [N, C]
   * @returns nats [N]
   */
  logProbability(parameters: tf.Tensor, values: tf.Tensor): tf.Tensor;
  /**
   * One pixel of each distribution, by the inverse of the distribution function.
   *
   * @param uniform in (0, 1) [N, 1 + C]: for the mixture's choice, then for each channel
   * @returns whole numbers 0…255 [N, C]
   */
  draw(parameters: tf.Tensor, uniform: tf.Tensor): tf.Tensor;
}

export function logisticMixture(channels: number, components: number): LogisticMixture {
  const parameters = components * (1 + 2 * channels + (channels * (channels - 1)) / 2);
  const parse = (rows: tf.Tensor): { logits: tf.Tensor; channels: Channel[] } => {
    const groups = tf.split(rows, parameters / components, 1).values(); // [N, K] each
    const next = (): tf.Tensor => groups.next().value!;
    const logits = next();
    return {
      logits,
      channels: Array.from({ length: channels }, (_, channel) => ({
        mean: next(),
        logScale: tf.maximum(tf.add(next(), OFFSET), LEAST),
        slopes: Array.from({ length: channel }, () => tf.tanh(next())),
      })),
    };
  };
  return {
    parameters,
    logProbability: (rows, values) => {
      const { logits, channels: each } = parse(rows);
      const pixels = tf.split(values, channels, 1); // [N, 1] each
      const scaled = pixels.map(toUnit);
      const terms = each.map((channel, index) =>
        logBin(meanOf(channel, scaled), channel.logScale, pixels[index]!, scaled[index]!),
      ); // [N, K] each
      const joint = terms.reduce((sum, term) => tf.add(sum, term), tf.logSoftmax(logits));
      return tf.logSumExp(joint, 1);
    },
    draw: (rows, uniform) => {
      const { logits, channels: each } = parse(rows);
      const [choice, ...levels] = tf.split(uniform, 1 + channels, 1); // [N, 1] each
      const chosen = choose(logits, choice!); // [N, K], one-hot
      const of = (x: tf.Tensor): tf.Tensor => tf.sum(tf.mul(x, chosen), 1, true); // [N, 1]
      const scaled: tf.Tensor[] = [];
      const drawn = each.map(({ mean, logScale, slopes }, index) => {
        const u = levels[index]!;
        const logistic = tf.log(tf.div(u, tf.sub(1, u)));
        const centre = meanOf({ mean: of(mean), slopes: slopes.map(of) }, scaled);
        const x = tf.add(centre, tf.mul(tf.exp(of(logScale)), logistic)); // [N, 1]
        const value = tf.clipByValue(tf.round(tf.add(tf.mul(x, 127.5), 127.5)), 0, 255);
        scaled.push(toUnit(value));
        return value;
      });
      return tf.concat(drawn, 1);
    },
  };
}

interface Channel {
  /** [N, K], or [N, 1] of the chosen component. */
  readonly mean: tf.Tensor;
  readonly logScale: tf.Tensor;
  readonly slopes: readonly tf.Tensor[];
}

/** 0…255 → [−1, 1]. */
export function toUnit(values: tf.Tensor): tf.Tensor {
  return tf.div(tf.sub(values, 127.5), 127.5);
}

function meanOf(
  { mean, slopes }: Pick<Channel, 'mean' | 'slopes'>,
  before: readonly tf.Tensor[],
): tf.Tensor {
  return slopes.reduce((sum, slope, index) => tf.add(sum, tf.mul(slope, before[index]!)), mean);
}

/**
 * log(F(x + HALF) − F(x − HALF)) of a logistic F, without a difference that cancels: with a > b,
 * σ(a) − σ(b) = σ(a)·σ(−b)·(1 − e^(b−a)).
 */
function logBin(mean: tf.Tensor, logScale: tf.Tensor, value: tf.Tensor, x: tf.Tensor): tf.Tensor {
  const inverse = tf.exp(tf.neg(logScale)); // [N, K]
  const centred = tf.sub(x, mean);
  const above = tf.mul(inverse, tf.add(centred, HALF));
  const below = tf.mul(inverse, tf.sub(centred, HALF));
  const notLast = tf.cast(tf.less(value, 255), 'float32'); // [N, 1]
  const notFirst = tf.cast(tf.greater(value, 0), 'float32');
  const width = tf.log(tf.neg(tf.expm1(tf.mul(inverse, -2 * HALF))));
  return tf.sub(
    tf.mul(tf.mul(notLast, notFirst), width),
    tf.add(tf.mul(notLast, tf.softplus(tf.neg(above))), tf.mul(notFirst, tf.softplus(below))),
  );
}

/** One-hot [N, K]: the first component up to which the weights sum to more than u. */
function choose(logits: tf.Tensor, u: tf.Tensor): tf.Tensor {
  const components = logits.shape[1]!;
  const reached = tf.cast(tf.lessEqual(tf.cumsum(tf.softmax(logits), 1), u), 'float32'); // [N, K]
  const passed = tf.sum(tf.slice(reached, [0, 0], [reached.shape[0]!, components - 1]), 1, true); // [N, 1]: the last one takes what rounding leaves
  const names = tf.tensor2d(
    Array.from({ length: components }, (_, index) => index),
    [1, components],
  );
  return tf.cast(tf.equal(passed, names), 'float32');
}
