import {
  definePlugin,
  type FeatureNet,
  initialState,
  type Plugin,
  type Tensors,
} from '@lapyra/core';
import { conv2d, inference, scoped } from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import * as v from 'valibot';

export interface MyPluginOptions {
  /** Planes of the first layer; the second has twice as many. @default 16 */
  readonly width: number;
  /** Channels of the images. @default 3 */
  readonly channels: number;
}

/** {@link MyPluginOptions} as they are written in a config: what has a default may be left out. */
export type MyPluginInput = {
  readonly [Key in keyof MyPluginOptions]?: MyPluginOptions[Key] | undefined;
};

const count = v.pipe(v.number(), v.integer(), v.minValue(1));

const options: v.GenericSchema<MyPluginInput, MyPluginOptions> = v.strictObject({
  width: v.optional(count, 16),
  channels: v.optional(count, 3),
});

/**
 * Two convolutions with random weights: they tell images apart and know nothing of them. Put trained weights in their
 * place, for example of a safetensors file, with `decodeSafetensors` of @lapyra/core.
 */
export const myPlugin: Plugin<'features', MyPluginInput, MyPluginOptions> = definePlugin({
  kind: 'features',
  use: 'lapyra-kind-my-plugin#myPlugin',
  summary: 'features of two convolutions with random weights',
  options,
  create: createMyPlugin,
});

function createMyPlugin({ width, channels }: MyPluginOptions): FeatureNet {
  const first = scoped('conv1.', conv2d({ in: channels, out: width, kernel: 3 }));
  const second = scoped('conv2.', conv2d({ in: width, out: 2 * width, kernel: 3, stride: 2 }));
  const state = { ...first.state, ...second.state };
  return {
    name: 'myPlugin',
    channels,
    leastSize: [4, 4],
    layers: ['edges', 'parts', 'whole'],
    classifier: null,
    weights: initialState(state, 1, 'myPlugin'),
    apply: (weights, pixels, layers) => {
      const normalised = tf.sub(tf.div(pixels, 127.5), 1);
      const edges = tf.relu(first.apply(weights, normalised, inference)); // [B, H, W, width]
      const parts = tf.relu(second.apply(weights, edges, inference)); // [B, ⌈H/2⌉, ⌈W/2⌉, 2 · width]
      const all: Tensors = { edges, parts, whole: tf.mean(parts, [1, 2]) }; // [B, 2 · width]
      return Object.fromEntries(layers.map((layer) => [layer, all[layer]!]));
    },
  };
}
