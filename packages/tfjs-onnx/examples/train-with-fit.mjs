// model.fit of tfjs-layers, on ONNX Runtime: ordinary tfjs code, two lines to start the backend.
import { registerOnnxRuntimeBackend } from '@lapyra/tfjs-onnx';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

registerOnnxRuntimeBackend();
await tf.setBackend('onnxruntime');

// Points of two interlaced spirals.
const count = 512;
const turn = (i) => 3 * Math.PI * Math.sqrt((i % (count / 2)) / (count / 2));
const arm = (i) => (i < count / 2 ? 0 : Math.PI);
const points = Array.from({ length: count }, (_, i) => [
  (turn(i) / 10) * Math.cos(turn(i) + arm(i)),
  (turn(i) / 10) * Math.sin(turn(i) + arm(i)),
]);
const x = tf.tensor2d(points);
const y = tf.tensor2d(points.map((_, i) => [i < count / 2 ? 0 : 1]));

const init = (seed) => tfl.initializers.heNormal({ seed });
const model = tfl.sequential({
  layers: [
    tfl.layers.dense({
      inputShape: [2],
      units: 64,
      activation: 'relu',
      kernelInitializer: init(1),
    }),
    tfl.layers.dense({ units: 64, activation: 'relu', kernelInitializer: init(2) }),
    tfl.layers.dense({ units: 1, activation: 'sigmoid', kernelInitializer: init(3) }),
  ],
});
model.compile({ optimizer: tf.train.adam(0.01), loss: 'binaryCrossentropy' });
const { history } = await model.fit(x, y, { epochs: 40, batchSize: 128, verbose: 0 });
console.log(`loss ${history.loss[0].toFixed(3)} → ${history.loss.at(-1).toFixed(3)}`);

// Values are read with data(): that is when the pending operations are compiled, once per structure, and run.
const guesses = await model.predict(x).data();
const labels = await y.data();
const right = guesses.filter((p, i) => Math.round(p) === labels[i]).length;
console.log(`${((100 * right) / count).toFixed(1)} % of the points told right`);
