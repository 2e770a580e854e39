import { registerGradients } from '@lapyra/tfjs-onnx/gradients';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { toOnnx, type HostTensor, type OnnxFile, type TensorFunction } from '@lapyra/tfjs-onnx';
import { expectClose, runEager, seeded } from './support/compare-with-cpu.js';
import { decodeModel } from './support/decode-model.js';
import { checkOnnx, unchecked } from './support/onnx-checker.js';

registerGradients(); // another file's imports may have put tfjs's own back

type Inputs = Readonly<Record<string, tf.Tensor>>;

const weights = {
  w: seeded([3, 3, 4, 5], 1, 0.3),
  b: seeded([5], 2),
  dense: seeded([80, 7], 3, 0.2),
};

/** Convolution, batch-sized constants, reshapes, slices, concatenation, and a mean that the graph computes. */
function generator({ x, noise, w, b, dense }: Inputs): Record<string, tf.Tensor> {
  const plane = tf.reshape(noise!, [-1, 8, 8, 1]);
  const joined = tf.concat([x!, plane], 3) as tf.Tensor4D;
  const features = tf.relu(tf.add(tf.conv2d(joined, w as tf.Tensor4D, 2, 'same'), b!));
  const [batch] = features.shape;
  const flat = tf.reshape(features, [batch!, 80]);
  const hidden = tf.mul(
    tf.add(tf.matMul(flat, dense!), tf.ones([batch!, 7])),
    tf.fill([batch!, 1], 0.5),
  );
  const tiled = tf.tile(tf.reshape(hidden, [batch!, 1, 7]), [1, 2, 1]);
  return {
    features,
    hidden,
    pairs: tf.reshape(tiled, [2 * batch!, 7]),
    first: tf.slice(hidden, [0, 1], [batch!, 3]),
    average: tf.mean(hidden),
    resized: tf.image.resizeBilinear(x as tf.Tensor4D, [12, 12], true),
  };
}

async function expectRuns(
  file: OnnxFile,
  fn: TensorFunction,
  feeds: Record<string, HostTensor>,
  constants = {},
): Promise<void> {
  const session = await ort.InferenceSession.create(file.bytes);
  const results = await session.run(
    Object.fromEntries(
      Object.entries(feeds).map(([name, { dtype, data, shape }]) => [
        name,
        new ort.Tensor(dtype, data as Uint8Array, shape),
      ]),
    ),
  );
  await session.release();
  const want = runEager(fn, { ...feeds, ...constants });
  for (const [name, { shape, data }] of Object.entries(want)) {
    expect(results[name]?.dims, name).toEqual(shape);
    expectClose(name, results[name]?.data as Float32Array, data, 1e-5);
  }
}

describe('toOnnx for any batch', () => {
  const inputs = {
    x: { shape: [null, 8, 8, 3], dtype: 'float32' },
    noise: { shape: [null, 64], dtype: 'float32' },
  } as const;

  test('one file gives tfjs’s numbers at every batch size', async () => {
    const file = toOnnx(generator, { inputs, name: 'generator', constants: weights });
    expect(Object.keys(file.outputs)).toEqual([
      'features',
      'hidden',
      'pairs',
      'first',
      'average',
      'resized',
    ]);
    expect(file.outputs['features']).toEqual({ shape: [null, 4, 4, 5], dtype: 'float32' });
    expect(file.outputs['average']).toEqual({ shape: [], dtype: 'float32' });
    for (const batch of [1, 2, 5, 64]) {
      await expectRuns(
        file,
        generator,
        { x: seeded([batch, 8, 8, 3], batch), noise: seeded([batch, 64], batch + 1) },
        weights,
      );
    }
  });

  test('convolutions to one channel spread, and wide borders are written out', async () => {
    const filters = { mix: seeded([5, 5, 16, 16], 1, 0.1), last: seeded([5, 5, 16, 1], 2, 0.1) };
    const fn: TensorFunction = ({ x, mix, last }) => {
      const mixed = tf.relu(tf.conv2d(x as tf.Tensor4D, mix as tf.Tensor4D, 1, 'same'));
      return { y: tf.conv2d(mixed, last as tf.Tensor4D, 1, 'same') };
    };
    const file = toOnnx(fn, {
      inputs: { x: { shape: [null, 9, 10, 16], dtype: 'float32' } },
      name: 'one channel',
      constants: filters,
    });
    const operators = decodeModel(file.bytes).graph.node.map(({ opType }) => opType);
    expect(operators.filter((name) => /Conv|Pad/.test(name))).toEqual([
      'Pad',
      'Conv',
      'ConvTranspose',
    ]);
    for (const batch of [1, 2, 5])
      await expectRuns(file, fn, { x: seeded([batch, 9, 10, 16], batch) }, filters);
  });

  test('sizes are symbols and no batch-sized constants are stored', () => {
    const { graph, opsetImport, metadataProps } = decodeModel(
      toOnnx(generator, {
        inputs,
        name: 'generator',
        constants: weights,
        metadata: { level: '14' },
      }).bytes,
    );
    expect(graph.name).toBe('generator');
    expect(opsetImport).toEqual([{ domain: '', version: 17 }]);
    expect(metadataProps).toEqual([{ key: 'level', value: '14' }]);
    const sizesOf = (border: (typeof graph.input)[number]): unknown[] =>
      border.type.tensorType.shape.dim.map(({ dimValue, dimParam }) => dimParam ?? dimValue);
    expect(graph.input.map((border) => [border.name, ...sizesOf(border)])).toEqual([
      ['x', 'batch', 8, 8, 3],
      ['noise', 'batch', 64],
    ]);
    expect(graph.output.map(sizesOf)[2]).toEqual(['2*batch', 7]);
    const stored = graph.initializer.filter(({ name }) => !(name in weights));
    for (const { rawData } of stored) expect(rawData.length).toBeLessThan(4 * 12 * 12);
    expect(graph.initializer.find(({ name }) => name === 'w')?.dims).toEqual([3, 3, 4, 5]);
  });

  test('nodes carry the names of the tfjs operations', () => {
    const { graph } = decodeModel(
      toOnnx(generator, { inputs, name: 'generator', constants: weights }).bytes,
    );
    const names = graph.node.map(({ name }) => name);
    expect(names).toContain('conv2d/Conv');
    expect(names).toContain('relu/Relu');
    expect(new Set(names).size).toBe(names.length);
  });

  test('and of the scopes around them; a gradient’s say so', () => {
    const fn: TensorFunction = ({ x }) => {
      const loss = (a: tf.Tensor): tf.Scalar =>
        tf.tidy('encoder', () => tf.sum(tf.tanh(tf.tidy('inner', () => tf.sin(a)))));
      return { dx: tf.grad(loss)(x!), y: tf.tidy(() => tf.exp(x!)) };
    };
    // Scopes around the trace are none of the function's.
    let bytes = new Uint8Array();
    tf.tidy('outside', () => {
      bytes = toOnnx(fn, { inputs: { x: { shape: [2], dtype: 'float32' } }, name: 'scopes' }).bytes;
    });
    const { graph } = decodeModel(bytes);
    const names = graph.node.map(({ name }) => name);
    expect(names).toContain('forward/encoder/inner/sin/Sin');
    expect(names).toContain('exp/Exp');
    expect(names.some((name) => name.startsWith('backward/'))).toBe(true);
  });

  test('values in between have shapes, nodes say where they come from, and the file who wrote it', () => {
    const model = decodeModel(
      toOnnx(generator, { inputs, name: 'generator', constants: weights, description: 'Makes.' })
        .bytes,
    );
    const { version } = JSON.parse(
      readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
    ) as { version: string };
    expect(model).toMatchObject({ producerName: '@lapyra/tfjs-onnx', producerVersion: version });
    expect([model.docString, model.graph.docString]).toEqual(['Makes.', 'Makes.']);
    const conv = model.graph.node.find(({ opType }) => opType === 'Conv');
    expect(conv?.docString).toBe('"conv2d"');
    const shapes = new Map(
      model.graph.valueInfo.map(({ name, type }) => [
        name,
        type.tensorType.shape.dim.map(({ dimValue, dimParam }) => dimParam ?? dimValue),
      ]),
    );
    expect(shapes.get(conv?.output[0] ?? '')).toEqual(['batch', 5, 4, 4]);
    const made = model.graph.node.flatMap(({ output }) => output);
    const known = new Set([...shapes.keys(), ...model.graph.output.map(({ name }) => name)]);
    expect(made.filter((name) => !known.has(name))).toEqual([]);
  });

  test('a convolution in parts is one operator with groups', () => {
    const { graph } = decodeModel(
      toOnnx(
        ({ x: image, w }) => {
          const filters = tf.split<tf.Tensor4D>(w as tf.Tensor4D, 3, 3);
          const parts = tf.split<tf.Tensor4D>(image as tf.Tensor4D, 3, 3);
          return { y: tf.concat(parts.map((part, i) => tf.conv2d(part, filters[i]!, 1, 'same')), 3) }; // prettier-ignore
        },
        {
          name: 'groups',
          inputs: { x: { shape: [null, 8, 8, 6], dtype: 'float32' } },
          constants: { w: seeded([3, 3, 2, 9]) },
        },
      ).bytes,
    );
    const ops = graph.node.map(({ opType }) => opType);
    expect(ops.filter((op) => op !== 'Transpose')).toEqual(['Conv']);
    const conv = graph.node.find(({ opType }) => opType === 'Conv');
    expect(conv?.attribute.find(({ name }) => name === 'group')?.i).toBe(3);
  });

  test('equal functions give equal bytes', () => {
    const write = (): Uint8Array =>
      toOnnx(generator, { inputs, name: 'generator', constants: weights }).bytes;
    expect(write()).toEqual(write());
  });

  const batchDependent: readonly [string, TensorFunction, RegExp][] = [
    [
      'a number made from the batch size',
      ({ x }) => ({ y: tf.mul(tf.sum(x!), 1 / x!.shape[0]!) }),
      /^"mul" \(kernel Multiply\): a number in it depends on the batch size/,
    ],
    [
      'a size that is no multiple',
      ({ x }) => ({ y: tf.concat([x!, tf.zeros([1, 4])], 0) }),
      /^"concat": the shape of its result depends/,
    ],
    [
      'a loop over the batch',
      ({ x }) => ({ y: tf.addN(tf.unstack(x!)) }),
      /^"unstack" \(kernel Unpack\): what it computes depends/,
    ],
    [
      'an array as long as the batch',
      ({ x }) => ({
        y: tf.mul(x!, tf.tensor2d([...Array(x!.shape[0]!).keys()], [x!.shape[0]!, 1])),
      }),
      /^"mul" \(kernel Multiply\): a number in it depends/,
    ],
    [
      'a branch',
      ({ x }) => ({ y: x!.shape[0] === 2 ? tf.relu(x!) : tf.neg(x!) }),
      /^"relu": what it computes depends/,
    ],
  ];
  test.each(batchDependent)('refuses %s and names the operation', (_name, fn, message) => {
    const write = (): OnnxFile =>
      toOnnx(fn, { inputs: { x: { shape: [null, 4], dtype: 'float32' } }, name: 'refused' });
    expect(write).toThrow(expect.objectContaining({ code: 'TFJS_ONNX_BATCH_DEPENDENCE' }));
    expect(write).toThrow(message);
  });
});

describe('toOnnx with fixed shapes and types', () => {
  test('labels as int64, at any batch size', async () => {
    const file = toOnnx(({ label, x }) => ({ y: tf.mul(tf.cast(label!, 'float32'), x!) }), {
      name: 'labelled',
      inputs: {
        label: { shape: [null], dtype: 'int32' },
        x: { shape: [null], dtype: 'float32' },
      },
      wideInputs: ['label'],
    });
    const session = await ort.InferenceSession.create(file.bytes);
    expect(session.inputMetadata.map((port) => port.isTensor && port.type)).toEqual([
      'int64',
      'float32',
    ]);
    const { y } = await session.run({
      label: new ort.Tensor('int64', BigInt64Array.of(3n, 0n, -2n), [3]),
      x: new ort.Tensor('float32', Float32Array.of(1.5, 7, 2), [3]),
    });
    expect([...(y!.data as Float32Array)]).toEqual([4.5, 0, -4]);
    await session.release();
  });

  test('uint8 in and out, bool and int32 results', async () => {
    const fn: TensorFunction = ({ image }) => {
      const float = tf.cast(image!, 'float32');
      return {
        half: tf.round(tf.mul(float, 0.5)),
        dark: tf.less(image!, 100),
        sum: tf.sum(image!),
      };
    };
    const file = toOnnx(fn, {
      inputs: { image: { shape: [2, 3], dtype: 'uint8' } },
      name: 'types',
      outputTypes: { half: 'uint8' },
    });
    expect(file.outputs).toEqual({
      half: { shape: [2, 3], dtype: 'uint8' },
      dark: { shape: [2, 3], dtype: 'bool' },
      sum: { shape: [], dtype: 'int32' },
    });
    const session = await ort.InferenceSession.create(file.bytes);
    const image = new ort.Tensor('uint8', Uint8Array.of(0, 1, 3, 99, 100, 255), [2, 3]);
    const { half, dark, sum } = await session.run({ image });
    await session.release();
    expect(half?.data).toEqual(Uint8Array.of(0, 0, 2, 50, 50, 128)); // halves to even: 0.5 → 0, 1.5 → 2, 49.5 → 50, 127.5 → 128
    expect(dark?.data).toEqual(Uint8Array.of(1, 1, 1, 1, 0, 0));
    expect(sum?.data).toEqual(Int32Array.of(458));
  });

  test('an output may be an input, a constant, or given twice', async () => {
    const fn: TensorFunction = ({ x }) => {
      const y = tf.neg(x!);
      return { same: x!, y, again: y, seven: tf.fill([2], 7) };
    };
    const file = toOnnx(fn, { inputs: { x: { shape: [3], dtype: 'float32' } }, name: 'aliases' });
    expect.hasAssertions();
    await expectRuns(file, fn, { x: seeded([3]) });
  });

  test('inputs that are not used stay inputs', () => {
    const file = toOnnx(({ x }) => ({ y: tf.neg(x!) }), {
      inputs: { x: { shape: [3], dtype: 'float32' }, unused: { shape: [1], dtype: 'int32' } },
      name: 'unused',
    });
    expect(decodeModel(file.bytes).graph.input.map(({ name }) => name)).toEqual(['x', 'unused']);
  });

  test('refuses an output called like an input, and a constant called like an input', () => {
    const inputs = { x: { shape: [3], dtype: 'float32' } } as const;
    expect(() => toOnnx(({ x }) => ({ x: tf.neg(x!) }), { inputs, name: 'clash' })).toThrow(
      'output "x": expected a name of its own, got that of an input or constant.',
    );
    expect(() =>
      toOnnx(({ x }) => ({ y: x! }), { inputs, name: 'clash', constants: { x: seeded([3]) } }),
    ).toThrow('constant "x": expected a name of its own, got that of an input.');
  });

  test('kernels that work on each image or row apart', async () => {
    const fn: TensorFunction = ({ x, at }) => {
      const image = x as tf.Tensor4D;
      const volume = tf.expandDims(image, 4) as tf.Tensor5D;
      const numbers = tf.cast(at!, 'int32') as tf.Tensor2D;
      const flat = tf.reshape(image, [image.shape[0], -1]);
      return {
        taken: tf.gather(flat, numbers, 1, 1),
        counted: tf.denseBincount(numbers, tf.tensor2d([], [0, 0]), 4),
        largest: tf.topk(flat, 3).values,
        product: tf.cumprod(flat, 1, true),
        responses: tf.localResponseNormalization(image, 1),
        dilated: tf.dilation2d(image, tf.zeros([2, 2, 3]), 1, 'same'),
        volume: tf.maxPool3d(tf.conv3d(volume, tf.ones([2, 2, 2, 1, 2]), 1, 'same'), 2, 1, 'valid'),
      };
    };
    const file = toOnnx(fn, {
      name: 'apart',
      inputs: {
        x: { shape: [null, 4, 5, 3], dtype: 'float32' },
        at: { shape: [null, 3], dtype: 'int32' },
      },
    });
    for (const batch of [1, 5]) {
      const data = Int32Array.from({ length: 3 * batch }, (_, i) => (7 * i) % 4);
      const at: HostTensor = { shape: [batch, 3], dtype: 'int32', data };
      await expectRuns(file, fn, { x: seeded([batch, 4, 5, 3]), at });
    }
  });

  test('images seen through a map', async () => {
    const map = [1, 0.2, 0.3, 0, 1, -0.6, 0, 0];
    const seen = (x: tf.Tensor): tf.Tensor =>
      tf.image.transform(x as tf.Tensor4D, [map], 'bilinear', 'reflect');
    const file = toOnnx(({ x }) => ({ y: seen(x!) }), {
      name: 'seen',
      inputs: { x: { shape: [null, 4, 5, 3], dtype: 'float32' } },
    });
    // One by one for tfjs, whose cpu kernel stops after the first image.
    const each: TensorFunction = ({ x }) => ({
      y: tf.concat(tf.split(x!, x!.shape[0]!).map((image) => seen(image))),
    });
    await expectRuns(file, each, { x: seeded([4, 4, 5, 3]) });
  });

  test('refuses a null size that is not the leading one', () => {
    const inputs = { x: { shape: [3, null], dtype: 'float32' } } as const;
    expect(() => toOnnx(({ x }) => ({ y: tf.neg(x!) }), { inputs, name: 'wrong' })).toThrow(
      'input "x": expected a whole number ≥ 0 as size of dimension 1, got null.',
    );
  });
});

test.skipIf(unchecked !== null)(
  `the ONNX checker accepts the file (${unchecked ?? 'found'})`,
  () => {
    const { bytes, nodes } = toOnnx(generator, {
      inputs: {
        x: { shape: [null, 8, 8, 3], dtype: 'float32' },
        noise: { shape: [null, 64], dtype: 'float32' },
      },
      name: 'generator',
      constants: weights,
    });
    const [checked] = checkOnnx([bytes]);
    expect(checked).toMatchObject({ nodes, domains: [''] });
    expect(checked?.compared).toBeGreaterThan(nodes / 2);
  },
);
