// Non-linearities as modules, element by element.
import type { Initial } from '@lapyra/core';
import * as tf from '@tensorflow/tfjs-core';
import { expectTensor } from './expect.js';
import { type Module, stateless } from './module.js';

/** max(x, 0). */
export function relu(): Module {
  return stateless((x) => tf.relu(x));
}

/** x where x > 0, else slope·x. The default is DCGAN's. */
export function leakyRelu(slope = 0.2): Module {
  return stateless((x) => tf.leakyRelu(x, slope));
}

/** 1/(1 + e^−x). */
export function sigmoid(): Module {
  return stateless((x) => tf.sigmoid(x));
}

/** The hyperbolic tangent. */
export function tanh(): Module {
  return stateless((x) => tf.tanh(x));
}

/** x where x > 0, else e^x − 1. */
export function elu(): Module {
  return stateless((x) => tf.elu(x));
}

/** log(1 + e^x). */
export function softplus(): Module {
  return stateless((x) => tf.softplus(x));
}

export interface PreluOptions {
  /** Number of channels, each with a slope of its own. */
  readonly channels: number;
  /** @default 0.25, as in Torch */
  readonly initial?: Initial;
}

/** x where x > 0, else a learned slope times x. State: `weight` [channels]. Source: He et al. 2015. */
export function prelu({ channels, initial = { fill: 0.25 } }: PreluOptions): Module {
  return {
    state: { weight: { shape: [channels], role: 'weight', initial } },
    masks: () => ({}),
    apply: (state, x) => tf.prelu(x, expectTensor('prelu', state, 'weight')),
  };
}
