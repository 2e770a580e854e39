// Each operator that can be read, in files of the ONNX project's own helper, beside ONNX Runtime; and what is refused.
import { registerGradients } from '@lapyra/tfjs-onnx/gradients';
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { fromOnnx, readableOperators, toOnnx } from '@lapyra/tfjs-onnx';
import { expectClose, seeded } from './support/compare-with-cpu.js';

registerGradients(); // another file's imports may have put tfjs's own back

const read = (name: string): { title: string; file: string }[] =>
  JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8')) as {
    title: string;
    file: string;
  }[];
const bytesOf = ({ file }: { file: string }): Uint8Array => Uint8Array.from(Buffer.from(file, 'base64')); // prettier-ignore
const operators = read('onnx-operators');

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('fromOnnx gives ONNX Runtime’s numbers', () => {
  test.each(operators.map((entry): [string, Uint8Array] => [entry.title, bytesOf(entry)]))(
    '%s',
    async (_, file) => {
      const model = fromOnnx(file);
      const feeds: Record<string, ort.Tensor> = {};
      const inputs: Record<string, tf.Tensor> = {};
      Object.entries(model.inputs).forEach(([name, { shape }], i) => {
        const { data } = seeded(shape as number[], i + 1);
        feeds[name] = new ort.Tensor('float32', data as Float32Array, shape as number[]);
        inputs[name] = tf.tensor(data, shape as number[]);
      });
      const session = await ort.InferenceSession.create(file, { logSeverityLevel: 3 });
      const want = await session.run(feeds);
      await session.release();
      const got = model.run(model.weights, inputs);
      expect(Object.keys(got)).toEqual(Object.keys(want));
      for (const [name, tensor] of Object.entries(got)) {
        expect(tensor.shape).toEqual(want[name]!.dims);
        expectClose(name, tensor.dataSync(), want[name]!.data as Float32Array, 1e-5);
      }
    },
  );

  test('and there is a file for every operator but those that only other nets show', () => {
    const shown = new Set(operators.flatMap(({ title }) => title.split(' ')));
    // In fixtures/torch-nets.json, where they compute sizes.
    const elsewhere = ['Constant', 'ConstantOfShape', 'Log', 'Shape', 'Sqrt'];
    expect(readableOperators().filter((name) => !shown.has(name))).toEqual(elsewhere);
  });

  test('attributes of which a writer left the zero out', () => {
    const axis = bytesField(5, [...text(1, 'axis'), ...int(20, 2)]); // a whole number
    const call = [text(1, 'x'), text(1, 'x'), text(2, 'y'), text(4, 'Concat'), axis].flat();
    const net = fromOnnx(model([bytesField(1, call), border(11, 'x'), border(12, 'y')]));
    const { y } = net.run({}, { x: tf.tensor1d([3]) });
    expect([...y!.dataSync()]).toEqual([3, 3]);
  });

  test('logarithm and root, of positive numbers', () => {
    const { bytes } = toOnnx(({ x }) => ({ log: tf.log(x!), root: tf.sqrt(x!) }), {
      name: 'positive',
      inputs: { x: { shape: [3], dtype: 'float32' } },
    });
    const { log, root } = fromOnnx(bytes).run({}, { x: tf.tensor1d([1, Math.E, 4]) });
    expectClose('log', log!.dataSync(), [0, 1, Math.log(4)], 1e-6);
    expectClose('root', root!.dataSync(), [1, Math.sqrt(Math.E), 2], 1e-6);
  });
});

describe('fromOnnx refuses', () => {
  const [features, newer] = read('torch-nets').map(bytesOf) as [Uint8Array, Uint8Array];
  const replaced = (from: string, to: string, file = features): Uint8Array => {
    const text = Buffer.from(file).toString('latin1').replaceAll(from, to);
    return Uint8Array.from(Buffer.from(text, 'latin1'));
  };

  test('all operators that it does not know at once, with their nodes', () => {
    // Every name keeps its length, so that the file stays whole.
    const file = Buffer.from(replaced('LeakyRelu', 'ThinkRelu')).toString('latin1');
    const both = Buffer.from(file.replaceAll('MaxPool', 'MadPool'), 'latin1');
    expect(() => fromOnnx(both)).toThrow(
      expect.objectContaining({ code: 'TFJS_ONNX_UNSUPPORTED_OPERATOR' }),
    );
    expect(() => fromOnnx(both)).toThrow(
      /^fromOnnx: expected operators that can be read, got MadPool \("[^"]+", "[^"]+"\); ThinkRelu \("[^"]+"\)\.$/,
    );
  });

  test('attributes that it does not know, and values of attributes', () => {
    expect(() => fromOnnx(replaced('ceil_mode', 'ceil_mood', newer))).toThrow(
      /MaxPool with ceil_mood/,
    );
    expect(() => fromOnnx(replaced('constant', 'pretense'))).toThrow(/Pad with the mode pretense/);
  });

  test('places and roundings that tfjs does not have', () => {
    const asymmetric = operators.find(({ title }) => title === 'Resize nearest by whole factors, floored')!; // prettier-ignore
    const centred = fromOnnx(replaced('asymmetric', 'half_pixel', bytesOf(asymmetric)));
    expect(() => centred.run(centred.weights, { x: tf.zeros([1, 2, 3, 4]) })).toThrow(
      'the nearest pixel by half_pixel and floor from [3, 4]',
    );
  });

  test('operators of others', () => {
    const call = [text(1, 'x'), text(2, 'y'), text(3, 'n'), text(4, 'Gelu'), text(7, 'com.microsoft')].flat(); // prettier-ignore
    expect(() => fromOnnx(model([bytesField(1, call), border(11, 'x'), border(12, 'y')]))).toThrow(
      'got com.microsoft.Gelu ("n").',
    );
  });

  const wrong: readonly [string, () => Uint8Array, string][] = [
    ['bytes that are none', () => Uint8Array.of(1, 2, 3), 'expected an ONNX file with its weights inside: '], // prettier-ignore
    ['nothing', () => new Uint8Array(), 'it has no graph.'],
    ['a file that is cut off', () => features.subarray(0, 2000), 'the file ends in the middle of a field.'], // prettier-ignore
    ['an operator set that is too new', () => model([border(11, 'x'), border(12, 'x')], 99), 'expected an operator set from 7 to 21, got 99.'], // prettier-ignore
    ['a value that nobody makes', () => model([border(11, 'x'), border(12, 'y')]), 'output: expected "y" to be made before, got no such value.'], // prettier-ignore
    ['weights in another file', () => model([bytesField(5, [...text(8, 'w'), ...int(14, 1), ...int(2, 1)]), border(11, 'x')]), 'the values of "w" are in another file.'], // prettier-ignore
    ['half-precision weights', () => model([bytesField(5, [...text(8, 'w'), ...int(2, 10)])]), '"w" is of float16, which is not read.'], // prettier-ignore
    ['weights that do not fill their shape', () => model([bytesField(5, [...text(8, 'w'), ...int(2, 1), ...int(1, 3), ...bytesField(9, [0, 0, 0, 0])])]), '"w" has the shape [3] and 1 numbers.'], // prettier-ignore
    ['inputs of 64-bit integers', () => model([border(11, 'x', 7), border(12, 'x')]), 'input "x": expected float32 or int32, got int64.'], // prettier-ignore
  ];
  test.each(wrong)('%s', (_, file, said) => {
    expect(() => fromOnnx(file())).toThrow(
      expect.objectContaining({ message: expect.stringContaining(said) as unknown }),
    );
  });

  test('tensors that do not fit, by name, when it runs', () => {
    const net = fromOnnx(features);
    const x = tf.zeros([1, 3, 12, 11]);
    expect(() => net.run(net.weights, {})).toThrow('input "x": expected float32 [1, 3, 12, 11], got none.'); // prettier-ignore
    expect(() => net.run(net.weights, { x: tf.zeros([1, 12, 11, 3]) })).toThrow(
      'got float32 [1, 12, 11, 3].',
    );
    expect(() => net.run({ ...net.weights, 'head.bias': tf.zeros([4]) }, { x })).toThrow(
      'weight "head.bias": expected 5 numbers float32 [5], got float32 [4].',
    );
  });
});

// Just enough of the format to write files that are wrong.
function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}
function int(field: number, value: number): number[] {
  return [...varint(field * 8), ...varint(value)];
}
function bytesField(field: number, bytes: readonly number[]): number[] {
  return [...varint(field * 8 + 2), ...varint(bytes.length), ...bytes];
}
function text(field: number, value: string): number[] {
  return bytesField(field, [...new TextEncoder().encode(value)]);
}
function border(field: number, name: string, type = 1): number[] {
  const size = bytesField(1, int(1, 1));
  return bytesField(field, [
    ...text(1, name),
    ...bytesField(2, bytesField(1, [...int(1, type), ...bytesField(2, size)])),
  ]);
}
function model(graph: readonly number[][], opset = 13): Uint8Array {
  return Uint8Array.from([...bytesField(7, graph.flat()), ...bytesField(8, int(2, opset))]);
}
