// Networks that others wrote, and our own files, read back as differentiable programs.
import { registerGradients } from '@lapyra/tfjs-onnx/gradients';
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  compile,
  fromOnnx,
  toOnnx,
  type ImportedModel,
  type TensorFunction,
} from '@lapyra/tfjs-onnx';
import { expectClose, seeded } from './support/compare-with-cpu.js';
import { decodeModel } from './support/decode-model.js';

registerGradients(); // another file's imports may have put tfjs's own back

interface TorchNet {
  readonly title: string;
  readonly file: string;
  readonly shape: number[];
  readonly x: number[];
  readonly gradient: number[];
  readonly outputs: readonly { name: string; shape: number[]; values: number[] }[];
}

const nets = JSON.parse(
  readFileSync(new URL('fixtures/torch-nets.json', import.meta.url), 'utf8'),
) as TorchNet[];
const fileOf = ({ file }: TorchNet): Uint8Array => Uint8Array.from(Buffer.from(file, 'base64'));
const cases = nets.map((net): [string, TorchNet] => [net.title, net]);

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** Sum of squares of all outputs. */
function squares(net: ImportedModel, x: tf.Tensor): tf.Scalar {
  const outputs = Object.values(net.run(net.weights, { x }));
  return tf.addN(outputs.map((y) => tf.sum(tf.square(y))));
}

describe('fromOnnx reads what PyTorch exports', () => {
  test.each(cases)('numbers and gradients, on tfjs: %s', (_, torch) => {
    const net = fromOnnx(fileOf(torch));
    const before = tf.memory().numTensors;
    const x = tf.tensor(torch.x, torch.shape);
    const results = net.run(net.weights, { x });
    expect(Object.keys(results)).toEqual(torch.outputs.map(({ name }) => name));
    for (const { name, shape, values } of torch.outputs) {
      expect(results[name]!.shape).toEqual(shape);
      expectClose(name, results[name]!.dataSync(), values, 2e-5);
    }
    const gradient = tf.grad((a) => squares(net, a))(x);
    expectClose('gradient', gradient.dataSync(), torch.gradient, 2e-4);
    tf.dispose([x, gradient, results]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each(cases)('compiled, with its gradient in the same graph: %s', async (_, torch) => {
    const net = fromOnnx(fileOf(torch));
    const fn: TensorFunction = ({ x }) => {
      const { value, grad } = tf.valueAndGrad((a: tf.Tensor) => squares(net, a))(x!);
      return { value, grad };
    };
    const program = await compile(fn, { ort, inputs: { x: { shape: torch.shape, dtype: 'float32' } } }); // prettier-ignore
    const { value, grad } = await program.run({
      x: { shape: torch.shape, dtype: 'float32', data: Float32Array.from(torch.x) },
    });
    await program.dispose();
    const sum = torch.outputs.flatMap(({ values }) => values).reduce((a, b) => a + b * b, 0);
    expectClose('value', value!.data as Float32Array, [sum], 1e-4);
    expectClose('gradient', grad!.data as Float32Array, torch.gradient, 2e-4);
  });

  test('inputs and outputs as the file states them, weights under their names', () => {
    const net = fromOnnx(fileOf(nets[1]!));
    expect(net.inputs).toEqual({ x: { shape: [null, 3, 12, 11], dtype: 'float32' } });
    expect(net.outputs).toEqual({ y0: { shape: [null, 5], dtype: 'float32' } });
    expect(net.weights['body.0.weight']?.shape).toEqual([8, 3, 3, 3]);
    expect(net.weights['head.bias']?.shape).toEqual([5]);
  });

  test('weights are tensors that can be trained', () => {
    const net = fromOnnx(fileOf(nets[0]!));
    const names = Object.keys(net.weights);
    const values = names.map((name) => tf.tensor(net.weights[name]!.data, [...net.weights[name]!.shape])); // prettier-ignore
    const x = tf.tensor(nets[0]!.x, nets[0]!.shape);
    const loss = (...given: tf.Tensor[]): tf.Scalar => {
      const weights = Object.fromEntries(names.map((name, i) => [name, given[i]!]));
      return tf.sum(tf.square(net.run(weights, { x })['y0']!));
    };
    const grads = tf.grads(loss)(values);
    // By finite differences along a direction of all weights at once.
    const direction = values.map((value, i) => tf.tensor(seeded(value.shape, i + 1).data, value.shape)); // prettier-ignore
    const at = (step: number): number =>
      loss(...values.map((value, i) => tf.add(value, tf.mul(direction[i]!, step)))).dataSync()[0]!;
    const along = grads.map((grad, i) => tf.sum(tf.mul(grad, direction[i]!)).dataSync()[0]!);
    const slope = along.reduce((a, b) => a + b, 0);
    expect(Math.abs((at(1e-3) - at(-1e-3)) / 2e-3 - slope)).toBeLessThan(2e-2 * Math.abs(slope));
  });

  test('no transposes stand beside its convolutions, forward or backward', async () => {
    const net = fromOnnx(fileOf(nets[0]!));
    const fn: TensorFunction = ({ x }) => {
      const { value, grad } = tf.valueAndGrad((a: tf.Tensor) => squares(net, a))(x!);
      return { value, grad };
    };
    const inputs = { x: { shape: [1, 3, 12, 11], dtype: 'float32' } } as const;
    const program = await compile(fn, { ort, inputs, target: 'portable' });
    await program.dispose();
    // Whatever depends on the image: what is made of filters alone is made once, when the session starts.
    const computed = new Set(['x']);
    const { node } = decodeModel(program.bytes).graph;
    const moving = node.filter(({ input, output }) => {
      if (!input.some((name) => computed.has(name))) return false;
      for (const name of output) computed.add(name);
      return true;
    });
    const transposes = moving.filter(({ opType }) => opType === 'Transpose');
    expect(transposes.filter(({ name }) => name.startsWith('forward'))).toEqual([]);
    const convolutions = moving.filter(({ opType }) => opType.startsWith('Conv'));
    expect(convolutions.length).toBeGreaterThan(6);
    for (const { input, output } of convolutions) {
      expect(transposes.filter((turned) => turned.output[0] === input[0])).toEqual([]);
      expect(transposes.filter((turned) => turned.input[0] === output[0])).toEqual([]);
    }
  });
});

describe('fromOnnx reads what toOnnx writes', () => {
  const weights = {
    w: seeded([3, 3, 3, 8], 1, 0.3),
    b: seeded([8], 2, 0.3),
    g: seeded([3, 3, 4, 8], 3, 0.3),
    d: seeded([4, 4, 6, 8], 4, 0.2),
    dense: seeded([8 * 8 * 6, 4], 5, 0.1),
  };
  const net: TensorFunction = ({ x, w, b, g, d, dense }) => {
    const first = tf.leakyRelu(tf.add(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same'), b!), 0.1); // prettier-ignore
    const [left, right] = tf.split(tf.maxPool(first as tf.Tensor4D, 2, 2, 'valid'), 2, 3);
    const filters = tf.split(g as tf.Tensor4D, 2, 3);
    const parts = [left, right].map((part, i) => tf.conv2d(part as tf.Tensor4D, filters[i] as tf.Tensor4D, 1, 'same')); // prettier-ignore
    const small = tf.relu(tf.concat(parts, 3)) as tf.Tensor4D;
    const up = tf.conv2dTranspose(small, d as tf.Tensor4D, [x!.shape[0]!, 8, 8, 6], 2, 'same');
    const image = tf.tanh(tf.image.resizeBilinear(up, [16, 16], false, true));
    return {
      image,
      chosen: tf.softmax(tf.matMul(tf.reshape(up, [-1, 8 * 8 * 6]), dense!)),
      norm: tf.clipByValue(tf.mean(tf.pad(up, [[0, 0], [1, 2], [0, 1], [0, 0]]), [1, 2]), -0.1, 0.1), // prettier-ignore
    };
  };
  const file = toOnnx(net, {
    name: 'round',
    inputs: { x: { shape: [null, 8, 8, 3], dtype: 'float32' } },
    constants: weights,
  });

  test('the same numbers as ONNX Runtime, at several batch sizes', async () => {
    const model = fromOnnx(file.bytes);
    expect(model.name).toBe('round');
    expect(model.inputs).toEqual(file.inputs);
    const session = await ort.InferenceSession.create(file.bytes);
    for (const batch of [1, 3]) {
      const { shape, data } = seeded([batch, 8, 8, 3], batch);
      const want = await session.run({ x: new ort.Tensor('float32', data as Float32Array, shape) });
      const got = model.run(model.weights, { x: tf.tensor(data, [...shape]) });
      expect(Object.keys(got)).toEqual(Object.keys(file.outputs));
      for (const [name, tensor] of Object.entries(got)) {
        expect(tensor.shape).toEqual(want[name]!.dims);
        expectClose(name, tensor.dataSync(), want[name]!.data as Float32Array, 1e-5);
      }
    }
    await session.release();
  });

  test('and writes them again: the second file computes what the first does', async () => {
    const model = fromOnnx(file.bytes);
    const again = toOnnx(({ x, ...given }) => model.run(given, { x: x! }), {
      name: 'again',
      inputs: { x: { shape: [null, 8, 8, 3], dtype: 'float32' } },
      constants: model.weights,
    });
    const { shape, data } = seeded([2, 8, 8, 3], 7);
    const x = new ort.Tensor('float32', data as Float32Array, shape);
    const results = [];
    for (const { bytes } of [file, again]) {
      const session = await ort.InferenceSession.create(bytes);
      results.push(await session.run({ x }));
      await session.release();
    }
    for (const [name, { data: want }] of Object.entries(results[0]!))
      expectClose(name, results[1]![name]!.data as Float32Array, want as Float32Array, 1e-5);
  });
});

test('a frozen network is the loss of a training step', async () => {
  const torch = nets[2]!;
  const net = fromOnnx(fileOf(torch));
  // Images whose features shall be those of an image, found by descent.
  const step: TensorFunction = ({ x, wanted }) => {
    const { value, grad } = tf.valueAndGrad((a: tf.Tensor) =>
      tf.mean(tf.squaredDifference(net.run(net.weights, { x: a })['y0']!, wanted!)),
    )(x!);
    return { x: tf.sub(x!, tf.mul(grad, 20_000)), loss: value };
  };
  const program = await compile(step, {
    ort,
    inputs: {
      x: { shape: torch.shape, dtype: 'float32' },
      wanted: { shape: [1, 5], dtype: 'float32' },
    },
  });
  let x: ort.Tensor = new ort.Tensor('float32', seeded(torch.shape, 3, 0.2).data as Float32Array, torch.shape); // prettier-ignore
  const wanted = new ort.Tensor('float32', Float32Array.from(torch.outputs[0]!.values), [1, 5]);
  const losses: number[] = [];
  for (let i = 0; i < 30; i++) {
    const results = await program.run({ x, wanted });
    x = results['x'] as ort.Tensor;
    losses.push(results['loss']!.data[0] as number);
  }
  await program.dispose();
  expect(losses.at(-1)!).toBeLessThan(losses[0]! / 20);
});
