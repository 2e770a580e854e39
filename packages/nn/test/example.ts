import '@tensorflow/tfjs-backend-cpu';
import type { ProgramResult, Tensors } from '@lapyra/core';
import { commit, inference, l2, linear, pick, sgd, trainable, valueAndGrads } from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';

const net = linear({ in: 1, out: 1 });
const optimiser = sgd({ momentum: 0.5 });

/** One training step: state and inputs in, new state and losses out. */
function step(state: Tensors, x: tf.Tensor, y: tf.Tensor, rate: tf.Tensor): ProgramResult {
  const weights = pick(state, trainable(net.state));
  const { loss, gradients } = valueAndGrads((w) => l2(net.apply(w, x, inference), y), weights);
  const next = optimiser.update({ prefix: 'sgd.', weights, gradients, state, rate });
  return commit({ state, next: { ...next.weights, ...next.state }, losses: { loss } });
}

const spec = { ...net.state, ...optimiser.state(net.state, 'sgd.') };
let state: Tensors = Object.fromEntries(
  Object.entries(spec).map(([name, { shape }]) => [name, tf.zeros([...shape])]),
);
const x = tf.tensor2d([[-1], [0], [1]]);
const y = tf.tensor2d([[-1], [1], [3]]); // 2x + 1
for (let i = 0; i < 200; i++) ({ state } = step(state, x, y, tf.scalar(0.3)));
export const found: Record<string, number> = Object.fromEntries(
  ['weight', 'bias'].map((name) => [name, state[name]?.dataSync()[0] ?? Number.NaN]),
);
