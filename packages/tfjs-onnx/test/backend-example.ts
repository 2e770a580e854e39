import { registerOnnxRuntimeBackend } from '@lapyra/tfjs-onnx';
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';

registerOnnxRuntimeBackend();
await tf.setBackend('onnxruntime');

const net = sequential({ layers: [layers.dense({ inputShape: [1], units: 1 })] });
net.compile({ optimizer: tf.train.sgd(0.3), loss: 'meanSquaredError' });
const points = tf.tensor([-1, 0, 1], [3, 1]);
const line = tf.add(tf.mul(points, 2), 1); // 2x + 1
await net.fit(points, line, { epochs: 100, verbose: 0 });

const predicted = net.predict(tf.tensor([5, -3], [2, 1])) as tf.Tensor;
console.log(await predicted.data()); // about 11 and -5
