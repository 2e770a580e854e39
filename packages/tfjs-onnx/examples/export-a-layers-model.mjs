// A model of tfjs-layers becomes an ONNX file, which ONNX Runtime runs at any batch size.
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelToOnnx } from '@lapyra/tfjs-onnx';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import * as ort from 'onnxruntime-node';

await tf.setBackend('cpu');
const init = (seed) => tfl.initializers.glorotUniform({ seed });
const model = tfl.sequential({
  name: 'digits',
  layers: [
    tfl.layers.conv2d({
      inputShape: [28, 28, 1],
      filters: 8,
      kernelSize: 3,
      activation: 'relu',
      kernelInitializer: init(1),
    }),
    tfl.layers.maxPooling2d({ poolSize: 2 }),
    tfl.layers.batchNormalization(),
    tfl.layers.flatten(),
    tfl.layers.dense({ units: 10, activation: 'softmax', kernelInitializer: init(2) }),
  ],
});

const { bytes, inputs, outputs } = await modelToOnnx(model, {
  metadata: { license: 'CC0-1.0' },
});
const file = join(tmpdir(), 'digits.onnx');
writeFileSync(file, bytes);
console.log(
  `${file}: ${bytes.length} bytes, from ${Object.keys(inputs).join()} to ${Object.keys(outputs).join()}`,
);

// The same image through both: images are [B, H, W, C] on both sides.
const image = tf.randomUniform([1, 28, 28, 1], 0, 1, 'float32', 3);
const expected = await model.predict(image).data();
const session = await ort.InferenceSession.create(file);
const results = await session.run({
  [session.inputNames[0]]: new ort.Tensor('float32', await image.data(), image.shape),
});
const got = results[session.outputNames[0]].data;
await session.release();
console.log(`largest difference ${Math.max(...got.map((p, i) => Math.abs(p - expected[i])))}`);
