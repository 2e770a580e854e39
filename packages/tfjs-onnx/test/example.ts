import '@lapyra/tfjs-onnx/gradients';
import { compile, type OnnxFile, toOnnx, type TensorFunction } from '@lapyra/tfjs-onnx';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';

const model = (x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor =>
  tf.add(tf.matMul(x, weight), bias);

/** One step of gradient descent: forward, backward and update are one graph. */
const step: TensorFunction = ({ weight, bias, x, y }) => {
  const loss = (w: tf.Tensor, b: tf.Tensor): tf.Scalar =>
    tf.mean(tf.squaredDifference(model(x!, w, b), y!));
  const { value, grads } = tf.valueAndGrads(loss)([weight!, bias!]);
  const updated = (old: tf.Tensor, i: number): tf.Tensor => tf.sub(old, tf.mul(grads[i]!, 0.3));
  return { weight: updated(weight!, 0), bias: updated(bias!, 1), loss: value };
};

const float = (...shape: number[]) => ({ shape, dtype: 'float32' as const });
const train = await compile(step, {
  ort,
  inputs: { weight: float(1, 1), bias: float(1), x: float(3, 1), y: float(3, 1) },
});

const x = { ...float(3, 1), data: Float32Array.of(-1, 0, 1) };
const y = { ...float(3, 1), data: Float32Array.of(-1, 1, 3) }; // 2x + 1
const start = {
  weight: { ...float(1, 1), data: new Float32Array(1) },
  bias: { ...float(1), data: new Float32Array(1) },
};
let { weight, bias } = await train.run({ ...start, x, y });
// Results go back in as they are, without a copy.
for (let i = 0; i < 100; i++)
  ({ weight, bias } = await train.run({ weight: weight!, bias: bias!, x, y }));
await train.dispose();

/** The trained model as a file that runs at any batch size. */
export const file: OnnxFile = toOnnx(
  ({ x: input, weight: w, bias: b }) => ({ y: model(input!, w!, b!) }),
  {
    name: 'line',
    inputs: { x: { shape: [null, 1], dtype: 'float32' } },
    constants: {
      weight: { ...float(1, 1), data: weight!.data as Float32Array },
      bias: { ...float(1), data: bias!.data as Float32Array },
    },
  },
);
