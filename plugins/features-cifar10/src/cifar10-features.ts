import { checkFeatures, definePlugin, type FeatureNet, type Plugin } from '@lapyra/core';
import * as tf from '@tensorflow/tfjs-core';
import * as v from 'valibot';
import { CONVOLUTIONS, PIXEL_SCALE } from './convolutions.js';
import { readWeights } from './read-weights.js';

/** Options of the plugin: none. */
export type NoOptions = Readonly<Record<string, never>>;

const WEIGHTS = new URL('../weights/cifar10.safetensors', import.meta.url);

/** In the order of the labels. */
const CLASSES = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
] as const;

const LAYERS = [...CONVOLUTIONS.map(({ name }) => name), 'pooled', 'logits'];

/**
 * A CIFAR-10 classifier of six convolutions as a feature net: the maps `conv1` [B, H, W, 32] to `conv6` [B, ⌈H/8⌉, ⌈W/8⌉, 128]
 * (behind their ReLU), their mean `pooled` [B, 128], and `logits` [B, 10].
 *
 * Making it throws `LAPYRA_FEATURES_WEIGHTS` if its weights cannot be read; asking it for features throws
 * `LAPYRA_FEATURES_LAYER`, `LAPYRA_FEATURES_CHANNELS` or `LAPYRA_FEATURES_SIZE`.
 */
export const cifar10Features: Plugin<'features', NoOptions, NoOptions> = definePlugin({
  kind: 'features',
  use: '@lapyra/features-cifar10#cifar10Features',
  summary: 'the layers of a small CIFAR-10 classifier',
  options: v.strictObject({}),
  create: async () => createNet(await readWeights(WEIGHTS)),
});

function createNet(weights: FeatureNet['weights']): FeatureNet {
  const net: FeatureNet = {
    name: 'CIFAR-10 classifier',
    channels: 3,
    leastSize: [8, 8],
    layers: LAYERS,
    classifier: { layer: 'logits', classes: CLASSES },
    weights,
    apply: (given, pixels, wanted) => {
      const [, height = 0, width = 0, channels = 0] = pixels.shape;
      checkFeatures(net, { size: [height, width], channels }, wanted);
      return layersOf(given, pixels as tf.Tensor4D, wanted);
    },
  };
  return net;
}

function layersOf(
  weights: Parameters<FeatureNet['apply']>[0],
  pixels: tf.Tensor4D,
  wanted: readonly string[],
): Record<string, tf.Tensor> {
  const last = Math.max(...wanted.map((name) => LAYERS.indexOf(name)));
  const found: Record<string, tf.Tensor> = {};
  const keep = (name: string, value: tf.Tensor): void => {
    if (wanted.includes(name)) found[name] = value;
  };
  const { mean, deviation } = PIXEL_SCALE;
  let map = tf.mul(tf.sub(pixels, mean), 1 / deviation) as tf.Tensor4D; // [B, H, W, 3]
  for (const { name, stride } of CONVOLUTIONS.slice(0, last + 1)) {
    const sums = tf.conv2d(map, weights[`${name}.weight`] as tf.Tensor4D, stride, 1);
    map = tf.relu(tf.add(sums, weights[`${name}.bias`]!)); // [B, ⌈H/stride⌉, ⌈W/stride⌉, planes]
    keep(name, map);
  }
  if (last < CONVOLUTIONS.length) return found;
  const pooled: tf.Tensor2D = tf.mean(map, [1, 2]); // [B, 128]
  keep('pooled', pooled);
  if (last === CONVOLUTIONS.length) return found;
  const scores = tf.matMul(pooled, weights['logits.weight'] as tf.Tensor2D);
  keep('logits', tf.add(scores, weights['logits.bias']!)); // [B, 10]
  return found;
}
