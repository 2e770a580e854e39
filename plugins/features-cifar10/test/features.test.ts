import { readFileSync } from 'node:fs';
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { tfjsCpu } from '@lapyra/backend-tfjs';
import type { Backend, Engine, FeatureNet, TensorProgram, TensorValues } from '@lapyra/core';
import { cifar10Features } from '@lapyra/features-cifar10';
import { valueAndGrads } from '@lapyra/nn';
import {
  expectClose,
  expectCloseInNorm,
  finiteDifference,
  float32,
  readCifar10Fixture,
} from '@lapyra/testing';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const { pixels, labels } = readCifar10Fixture();
const stated = JSON.parse(
  readFileSync(new URL('../weights/accuracy.json', import.meta.url), 'utf8'),
) as { readonly accuracy: number; readonly size: number };

let net: FeatureNet;
const engines: Engine[] = [];
let onnx: Engine;
let cpu: Engine;
beforeAll(async () => {
  net = await cifar10Features.plugin.create({}, undefined);
  const open = async (plugin: typeof onnxruntimeCpu.plugin): Promise<Engine> => {
    const backend: Backend = await plugin.create({}, undefined);
    const engine = await backend.open({ threads: 1 });
    engines.push(engine);
    return engine;
  };
  onnx = await open(onnxruntimeCpu.plugin);
  cpu = await open(tfjsCpu.plugin);
  await tf.setBackend('cpu');
});
afterAll(() => Promise.all(engines.map((engine) => engine.dispose())));

/** Centre crops of images of the fixture, float32 [count, side, side, 3]. */
function crops(first: number, count: number, side: number): Float32Array {
  const edge = (32 - side) / 2;
  const out = new Float32Array(count * side * side * 3);
  for (let n = 0; n < count; n += 1)
    for (let y = 0; y < side; y += 1) {
      const from = (((first + n) * 32 + y + edge) * 32 + edge) * 3;
      out.set(pixels.subarray(from, from + side * 3), (n * side + y) * side * 3);
    }
  return out;
}

async function featuresOn(
  engine: Engine,
  images: Float32Array,
  side: number,
  layers: readonly string[],
): Promise<TensorValues> {
  const shape = [images.length / (side * side * 3), side, side, 3];
  const program: TensorProgram = {
    name: 'features',
    reads: Object.keys(net.weights),
    writes: [],
    inputs: { pixels: { dtype: 'float32', shape } },
    outputs: Object.fromEntries(layers.map((layer) => [layer, 'float32' as const])),
    run: (weights, inputs) => ({
      state: {},
      outputs: net.apply(weights, inputs['pixels']!, layers),
    }),
  };
  const state = await engine.open(net.weights);
  const compiled = await state.compile(program);
  const found = await compiled.run({ pixels: float32(shape, images) });
  await state.dispose();
  return found;
}

describe('cifar10Features', () => {
  // The images of the fixture are training images of CIFAR-10 that the network was not trained on.
  it('tells as many unseen images right as it is stated to', async () => {
    const { layer } = net.classifier!;
    const side = stated.size;
    const { logits } = await featuresOn(onnx, crops(0, 512, side), side, [layer]);
    const right = [...labels].filter((label, n) => {
      const scores = logits!.data.subarray(n * 10, n * 10 + 10);
      return scores.indexOf(Math.max(...scores)) === label;
    }).length;
    const deviation = Math.sqrt((stated.accuracy * (1 - stated.accuracy)) / 512);
    expect(stated.accuracy).toBeGreaterThan(0.75);
    expect(Math.abs(right / 512 - stated.accuracy)).toBeLessThan(3 * deviation);
  });

  it.each([8, 14, 28])(
    'gives the same features of images of %d pixels a side on ONNX Runtime and tfjs',
    async (side) => {
      const images = crops(5, 3, side);
      const one = await featuresOn(onnx, images, side, net.layers);
      const other = await featuresOn(cpu, images, side, net.layers);
      const half = Math.ceil(side / 2);
      const quarter = Math.ceil(half / 2);
      expect(Object.fromEntries(net.layers.map((layer) => [layer, one[layer]!.shape]))).toEqual({
        conv1: [3, side, side, 32],
        conv2: [3, half, half, 48],
        conv3: [3, half, half, 48],
        conv4: [3, quarter, quarter, 96],
        conv5: [3, quarter, quarter, 96],
        conv6: [3, Math.ceil(quarter / 2), Math.ceil(quarter / 2), 128],
        pooled: [3, 128],
        logits: [3, 10],
      });
      for (const layer of net.layers)
        expectClose(one[layer]!, other[layer]!, { relative: 1e-4, absolute: 1e-4 });
    },
  );

  it('computes what its weights say: a corner, the mean and the scores by hand', async () => {
    const side = 10;
    const image = crops(0, 1, side);
    const found = await featuresOn(onnx, image, side, net.layers);
    const weight = net.weights['conv1.weight']!.data; // [3, 3, 3, 32]
    const corner = Float64Array.from(net.weights['conv1.bias']!.data);
    // At the upper left corner the first row and column of the kernel meet the padding.
    for (const [y, x] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ] as const)
      // prettier-ignore
      for (let c = 0; c < 3; c += 1) {
        const value = (image[(y * side + x) * 3 + c]! - 120) / 64;
        for (let k = 0; k < 32; k += 1)
          corner[k]! += value * weight[(((y + 1) * 3 + x + 1) * 3 + c) * 32 + k]!;
      }
    expectClose(
      found['conv1']!.data.subarray(0, 32),
      corner.map((sum) => Math.max(0, sum)),
      { relative: 1e-4, absolute: 1e-5 },
    );
    const map = found['conv6']!.data; // [1, 2, 2, 128]
    const mean = Float64Array.from({ length: 128 }, (_, k) =>
      [0, 1, 2, 3].reduce((sum, at) => sum + map[at * 128 + k]! / 4, 0),
    );
    expectClose(found['pooled']!, mean, { relative: 1e-4, absolute: 1e-6 });
    const last = net.weights['logits.weight']!.data; // [128, 10]
    const scores = Float64Array.from(net.weights['logits.bias']!.data, (bias, label) =>
      mean.reduce((sum, value, k) => sum + value * last[k * 10 + label]!, bias),
    );
    expectClose(found['logits']!, scores, { relative: 1e-4, absolute: 1e-4 });
  });

  it.each(['conv3', 'logits'])('has gradients of %s to pixels', (layer) => {
    const shape = [1, 8, 8, 3];
    const image = crops(3, 1, 8);
    const weights = Object.fromEntries(
      Object.entries(net.weights).map(([name, value]) => [
        name,
        tf.tensor(value.data, [...value.shape]),
      ]),
    );
    const energy = (values: tf.Tensor): tf.Scalar =>
      tf.sum(tf.square(net.apply(weights, values, [layer])[layer]!));
    const { gradients } = valueAndGrads(({ values }) => energy(values!), {
      values: tf.tensor(image, shape),
    });
    const expected = finiteDifference(
      (x) => tf.tidy(() => energy(tf.tensor(Float32Array.from(x), shape)).dataSync()[0]!),
      image,
      { step: 2e-3 },
    );
    expectCloseInNorm(gradients['values']!.dataSync(), expected, { relative: 0.02 });
    tf.dispose([weights, gradients]);
  });

  it('refuses layers that it does not have, other channels and images that are too small', () => {
    const zeros = (...shape: number[]): tf.Tensor => tf.zeros(shape);
    const ask =
      (images: tf.Tensor, ...layers: string[]) =>
      () =>
        net.apply({}, images, layers);
    expect(ask(zeros(1, 28, 28, 3), 'conv3', 'con4')).toThrow(
      expect.objectContaining({
        code: 'LAPYRA_FEATURES_LAYER',
        message:
          "CIFAR-10 classifier: expected a layer of conv1, conv2, conv3, conv4, conv5, conv6, pooled, logits, got 'con4'.",
        hint: 'Did you mean conv4?',
      }),
    );
    expect(ask(zeros(1, 28, 28, 1), 'conv3')).toThrow(
      expect.objectContaining({
        code: 'LAPYRA_FEATURES_CHANNELS',
        message: 'CIFAR-10 classifier: expected images of 3 channels, got 1.',
      }),
    );
    expect(ask(zeros(1, 7, 28, 3), 'conv3')).toThrow(
      expect.objectContaining({
        code: 'LAPYRA_FEATURES_SIZE',
        message: 'CIFAR-10 classifier: expected images of at least 8, got 7x28.',
      }),
    );
  });
});
