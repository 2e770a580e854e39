// Models of tfjs-layers and functions with weights of their own, as ONNX files.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  captureTensors,
  compile,
  modelToOnnx,
  toOnnx,
  type GraphModelLike,
  type OnnxFile,
} from '@lapyra/tfjs-onnx';
import { expectClose, seeded } from './support/compare-with-cpu.js';
import { decodeModel } from './support/decode-model.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

async function run(file: OnnxFile, feeds: Record<string, tf.Tensor>): Promise<ort.Tensor[]> {
  const session = await ort.InferenceSession.create(file.bytes);
  const given = Object.entries(feeds).map(([name, tensor]) => [
    name,
    new ort.Tensor('float32', tensor.dataSync(), tensor.shape),
  ]);
  const results = await session.run(Object.fromEntries(given) as Record<string, ort.Tensor>);
  await session.release();
  return Object.keys(file.outputs).map((name) => results[name]!);
}

const tensor = (...shape: number[]): tf.Tensor => tf.tensor(seeded(shape).data, shape);

function images(): layers.LayersModel {
  return layers.sequential({
    name: 'images',
    layers: [
      layers.layers.conv2d({ inputShape: [8, 8, 3], filters: 4, kernelSize: 3, padding: 'same', name: 'edges' }), // prettier-ignore
      layers.layers.batchNormalization({ name: 'normal' }),
      layers.layers.activation({ activation: 'relu', name: 'positive' }),
      layers.layers.maxPooling2d({ poolSize: 2, name: 'half' }),
      layers.layers.separableConv2d({ filters: 6, kernelSize: 3, activation: 'tanh' }),
      layers.layers.dropout({ rate: 0.5 }),
      layers.layers.flatten(),
      layers.layers.dense({ units: 5, activation: 'softmax', name: 'classes' }),
    ],
  });
}

describe('modelToOnnx', () => {
  test('writes a layers model that predicts what tfjs predicts, at any batch size', async () => {
    const model = images();
    const before = { ...tf.memory() };
    const file = await modelToOnnx(model, { metadata: { made: 'here' } });
    expect(tf.memory()).toEqual(before);
    expect(Object.values(file.inputs)).toEqual([{ shape: [null, 8, 8, 3], dtype: 'float32' }]);
    expect(file.outputs).toEqual({ classes: { shape: [null, 5], dtype: 'float32' } });
    for (const batch of [1, 4]) {
      const x = tensor(batch, 8, 8, 3);
      const [y] = await run(file, { [model.inputNames[0]!]: x });
      const want = model.predict(x) as tf.Tensor;
      expectClose('classes', y!.data as Float32Array, want.dataSync(), 1e-5);
    }
    model.dispose();
  });

  test('names nodes by their layers and stores weights by their names', async () => {
    const model = images();
    const { graph } = decodeModel((await modelToOnnx(model)).bytes);
    const names = graph.node.map(({ name }) => name);
    expect(names).toContain('edges/fusedConv2d/Conv');
    expect(names).toContain('positive/relu/Relu');
    expect(names).toContain('half/maxPool/MaxPool');
    expect(names.some((name) => name.startsWith('classes/'))).toBe(true);
    expect(graph.initializer.map(({ name }) => name)).toEqual(
      expect.arrayContaining(model.weights.map(({ name }) => name)),
    );
    // The model is left as it was.
    expect(model.layers.every((layer) => !Object.hasOwn(layer, 'call'))).toBe(true);
    model.dispose();
  });

  test('names nodes by the layers of a model that is a layer', async () => {
    const inner = layers.sequential({
      name: 'inner',
      layers: [layers.layers.dense({ units: 3, inputShape: [4], activation: 'tanh', name: 'hidden' })], // prettier-ignore
    });
    const model = layers.sequential({
      layers: [inner, layers.layers.dense({ units: 2, name: 'last' })],
    });
    const { graph } = decodeModel((await modelToOnnx(model)).bytes);
    expect(graph.node.map(({ name }) => name)).toContain('hidden/tanh/Tanh');
    model.dispose();
  });

  test('several inputs and outputs, and layers that are used twice', async () => {
    const left = layers.input({ shape: [4], name: 'left' });
    const right = layers.input({ shape: [4], name: 'right' });
    const shared = layers.layers.dense({ units: 3, name: 'shared', activation: 'elu' });
    const [a, b] = [shared.apply(left), shared.apply(right)] as layers.SymbolicTensor[];
    const sum = layers.layers.add({ name: 'sum' }).apply([a!, b!]) as layers.SymbolicTensor;
    const model = layers.model({ inputs: [left, right], outputs: [sum, a!], name: 'two' });
    const file = await modelToOnnx(model);
    const feeds = { left: tensor(2, 4), right: tf.neg(tensor(2, 4)) };
    const got = await run(file, feeds);
    const want = model.predict([feeds.left, feeds.right]) as tf.Tensor[];
    got.forEach((y, i) => expectClose(`${i}`, y.data as Float32Array, want[i]!.dataSync(), 1e-5));
    expect(got).toHaveLength(2);
    model.dispose();
  });

  test('several outputs of one layer, and an input as an output, by names of their own', async () => {
    const x = layers.input({ shape: [3], name: 'x' });
    const twice = layers.layers.dense({ units: 3, name: 'twice' });
    const once = twice.apply(x) as layers.SymbolicTensor;
    const again = twice.apply(once) as layers.SymbolicTensor;
    const model = layers.model({ inputs: x, outputs: [once, x, again] });
    const file = await modelToOnnx(model);
    expect(Object.keys(file.outputs)).toEqual(['twice', 'x_1', 'twice_1']);
    const given = tensor(2, 3);
    const got = await run(file, { x: given });
    const want = model.predict(given) as tf.Tensor[];
    expect(got).toHaveLength(3);
    got.forEach((y, i) => expectClose(`${i}`, y.data as Float32Array, want[i]!.dataSync(), 1e-6));
    model.dispose();
  });

  test('refuses layers with a state, by name', async () => {
    const rnn = layers.layers.simpleRNN({ units: 2, batchInputShape: [1, 3, 2], stateful: true, recurrentInitializer: 'zeros', name: 'memory' }); // prettier-ignore
    const model = layers.sequential({ layers: [rnn] });
    await expect(modelToOnnx(model)).rejects.toThrow(
      'layer "memory": expected layers that keep nothing from one call to the next, got a stateful one.',
    );
    model.dispose();
  });

  test('asks for sizes that the model leaves open', async () => {
    const model = layers.sequential({
      layers: [layers.layers.conv2d({ inputShape: [null, null, 1] as number[], filters: 2, kernelSize: 3, name: 'any' })], // prettier-ignore
    });
    model.build();
    const [input] = model.inputNames;
    await expect(modelToOnnx(model)).rejects.toThrow(
      `input "${input}": expected sizes that are known, but for the batch, got [open, open, open, 1].`,
    );
    const file = await modelToOnnx(model, { shapes: { [input!]: [null, 5, 6, 1] } });
    expect(Object.values(file.outputs)[0]?.shape).toEqual([null, 3, 4, 2]);
    await expect(modelToOnnx(model, { shapes: { image: [1, 5, 6, 1] } })).rejects.toThrow(
      `input "image": expected one of ${input}, got an unknown name.`,
    );
    model.dispose();
  });

  test('a graph model: by named inputs, outputs and weights', async () => {
    const kernel = tensor(3, 2);
    const graph: GraphModelLike = {
      inputs: [{ name: 'x', shape: [-1, 3], dtype: 'float32' }],
      outputs: [{ name: 'y' }, { name: 'z' }],
      weights: { 'dense/kernel': [kernel] },
      execute: ({ x }) => {
        const product = tf.matMul(x!, kernel);
        return [tf.relu(product), tf.sum(product, 1)];
      },
    };
    const file = await modelToOnnx(graph);
    const x = tensor(4, 3);
    const [y, z] = await run(file, { x });
    const product = tf.matMul(x, kernel);
    expectClose('y', y!.data as Float32Array, tf.relu(product).dataSync(), 1e-6);
    expectClose('z', z!.data as Float32Array, tf.sum(product, 1).dataSync(), 1e-5);
  });
});

describe('captureTensors', () => {
  const weight = tf.variable(tf.tensor2d([[1, 2], [3, 4]]), true, 'my/weight'); // prettier-ignore
  afterAll(() => weight.dispose());

  test('stores the values that tensors had when they were read', async () => {
    const captured = await captureTensors([weight]);
    weight.assign(tf.zeros([2, 2]));
    const inputs = { x: { shape: [1, 2], dtype: 'float32' } } as const;
    const fn = ({ x }: Readonly<Record<string, tf.Tensor>>): Record<string, tf.Tensor> => ({
      y: tf.matMul(x!, weight),
      turned: tf.reshape(weight, [4]),
    });
    // Assigning gives a variable other data: what was read belongs to the old.
    expect(() => toOnnx(fn, { name: 'f', inputs, captured })).toThrow(
      expect.objectContaining({ code: 'TFJS_ONNX_CAPTURED_TENSOR' }),
    );
    weight.assign(tf.tensor2d([[1, 2], [3, 4]])); // prettier-ignore
    const now = await captureTensors({ own: weight });
    const program = await compile(fn, { ort, inputs, captured: now });
    const { y, turned } = await program.run({
      x: { shape: [1, 2], dtype: 'float32', data: Float32Array.of(1, 10) },
    });
    await program.dispose();
    expect([...(y!.data as Float32Array)]).toEqual([31, 42]);
    expect([...(turned!.data as Float32Array)]).toEqual([1, 2, 3, 4]);
    const stored = decodeModel(toOnnx(fn, { name: 'f', inputs, captured: now }).bytes);
    expect(stored.graph.initializer.map(({ name }) => name)).toContain('own');
  });

  test('refuses text', async () => {
    await expect(captureTensors({ words: tf.tensor1d(['a'], 'string') })).rejects.toThrow(
      'tensor "words": expected float32, int32 or bool, got string.',
    );
  });
});
