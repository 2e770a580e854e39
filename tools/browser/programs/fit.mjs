// oxlint-disable no-restricted-imports -- this is a user's program, not a package of Lapyra
import { registerOnnxRuntimeBackend } from '@lapyra/tfjs-onnx';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-web/wasm';

/** Ordinary tfjs code, an optimiser and values read as they come, with ONNX Runtime as the backend: fits y = x·w. */
export async function fit(_engine, { x, y, steps }) {
  registerOnnxRuntimeBackend({ ort });
  await tf.setBackend('onnxruntime');
  const [inputs, outputs] = [tf.tensor2d(x), tf.tensor2d(y)];
  const w = tf.variable(tf.zeros([x[0].length, 1]));
  const optimiser = tf.train.adam(0.2);
  const losses = [];
  const tensors = [];
  for (let step = 0; step < steps; step++) {
    const error = () => tf.mean(tf.squaredDifference(tf.matMul(inputs, w), outputs));
    const loss = optimiser.minimize(error, true);
    losses.push((await loss.data())[0]);
    loss.dispose();
    tensors.push(tf.memory().numTensors);
  }
  return { found: [...(await w.data())], losses, tensors };
}
