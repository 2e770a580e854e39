// A whole training step (forward pass, gradients, update with momentum) becomes one graph. Its state goes in and comes out.
import '@lapyra/tfjs-onnx/gradients';
import { compile } from '@lapyra/tfjs-onnx';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';

const BATCH = 64;
const spec = (...shape) => ({ dtype: 'float32', shape });
const weights = { filter: spec(5, 5, 1, 8), dense: spec(8 * 14 * 14, 1), bias: spec(1) };
const names = Object.keys(weights);

/** Logits [B, 1] of images [B, 28, 28, 1]. */
function network(images, filter, dense, bias) {
  const features = tf.relu(tf.conv2d(images, filter, 2, 'same')); // [B, 14, 14, 8]
  return tf.add(tf.matMul(tf.reshape(features, [BATCH, -1]), dense), bias);
}

/** Pure: named tensors in, named tensors out. Random numbers and the rate are inputs. */
function step({ images, labels, rate, ...state }) {
  const lossOf = (...w) => tf.losses.sigmoidCrossEntropy(labels, network(images, ...w));
  const { value, grads } = tf.valueAndGrads(lossOf)(names.map((name) => state[name]));
  const next = { loss: value };
  for (const [i, name] of names.entries()) {
    next[`${name}/speed`] = tf.add(tf.mul(state[`${name}/speed`], 0.9), grads[i]);
    next[name] = tf.sub(state[name], tf.mul(rate, next[`${name}/speed`]));
  }
  return next;
}

const speeds = Object.fromEntries(names.map((name) => [`${name}/speed`, weights[name]]));
const train = await compile(step, {
  ort,
  inputs: {
    ...{ images: spec(BATCH, 28, 28, 1), labels: spec(BATCH, 1), rate: spec() },
    ...{ ...weights, ...speeds },
  },
});
console.log(`one graph of ${(train.cost.flop / 1e6).toFixed(0)} MFLOP a step`);

// Upright stripes to be told from level ones, at any place and in noise.
let seed = 1;
const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647; // Park and Miller, 1988
const images = { ...spec(BATCH, 28, 28, 1), data: new Float32Array(BATCH * 28 * 28) };
const labels = { ...spec(BATCH, 1), data: Float32Array.from({ length: BATCH }, (_, i) => i % 2) };
const draw = () => {
  for (let at = 0; at < BATCH; at++) {
    const [from, waves] = [7 * random(), 1 + random()];
    for (let i = 0; i < 784; i++) {
      const along = labels.data[at] === 1 ? i % 28 : Math.floor(i / 28);
      images.data[at * 784 + i] = Math.sin(from + waves * along) + 2 * (random() - 0.5);
    }
  }
};

let state = Object.fromEntries(
  Object.entries({ ...weights, ...speeds }).map(([name, { shape }]) => {
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    const reach = name === 'filter' ? 0.2 : name === 'dense' ? 0.03 : 0;
    return [name, { ...spec(...shape), data: data.map(() => reach * (2 * random() - 1)) }];
  }),
);
const losses = [];
for (let i = 0; i < 100; i++) {
  draw();
  const rate = { ...spec(), data: Float32Array.of(i < 75 ? 0.03 : 0.003) }; // another rate compiles nothing anew
  const { loss, ...next } = await train.run({ images, labels, rate, ...state });
  state = next; // results go back in as they are
  losses.push(loss.data[0]);
}
await train.dispose();
const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;
console.log(`loss ${mean(losses.slice(0, 10)).toFixed(3)} → ${mean(losses.slice(-10)).toFixed(3)}`);
