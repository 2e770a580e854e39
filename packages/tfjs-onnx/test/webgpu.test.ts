// What ONNX Runtime's WebGPU provider lacks or gets wrong, in the forms that are written for it, against tfjs and plain
// JavaScript. Every session but one refuses to leave a node to the processor.
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { afterAll, describe, expect, test } from 'vitest';
import { compile, type TensorFunction } from '@lapyra/tfjs-onnx';
import { registerGradients } from '@lapyra/tfjs-onnx/gradients';
import {
  bools,
  expectClose,
  floats,
  runCompiled,
  runEager,
  seeded,
  type TestInput,
} from './support/compare-with-cpu.js';

registerGradients();
const sessionOptions = {
  executionProviders: ['webgpu'],
  logSeverityLevel: 4,
  extra: { session: { disable_cpu_ep_fallback: '1' } },
} as const;
const spec = { shape: [2], dtype: 'float32' } as const;
// Stays open, so that the device does too.
const device = await compile(({ x }) => ({ y: tf.neg(x!) }), {
  inputs: { x: spec },
  ort,
  sessionOptions,
}).catch((error: Error) => error.message);
const why = typeof device === 'string' ? ` (skipped: ${device})` : '';
afterAll(async () => {
  if (typeof device !== 'string') await device.dispose();
});

async function expectLikeTfjs(
  fn: TensorFunction,
  inputs: Readonly<Record<string, TestInput>>,
  { tolerance = 1e-5, mayLeave = false } = {},
): Promise<void> {
  const values = Object.fromEntries(
    Object.entries(inputs).map(([name, given]) => [name, 'data' in given ? given : seeded(given)]),
  );
  const options = mayLeave ? { ...sessionOptions, extra: {} } : sessionOptions;
  const compiled = await runCompiled(fn, values, { sessionOptions: options });
  for (const [name, { data }] of Object.entries(runEager(fn, values)))
    expectClose(name, compiled[name]!.data, data, tolerance);
}

describe.skipIf(why !== '')(`on WebGPU${why}`, () => {
  test.each([
    [6, 4],
    [9, 8],
    [15, 4],
    [7, 4],
    [12, 4],
    [6, 5],
  ])('convolves %i channels to %i', async (channels, results) => {
    expect.hasAssertions();
    await expectLikeTfjs(
      ({ x, w }) => ({ y: tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, 'same') }),
      { x: [2, 5, 5, channels], w: [3, 3, channels, results] },
    );
  });

  test.each([6, 9])('gradients of a filter over a batch of %i', async (batch) => {
    expect.hasAssertions();
    const conv = (x: tf.Tensor, w: tf.Tensor): tf.Tensor =>
      tf.square(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same'));
    await expectLikeTfjs(
      ({ x, w }) => {
        const [dx, dw] = tf.grads((a, b) => conv(a!, b!))([x!, w!]);
        return { dx: dx!, dw: dw! };
      },
      { x: [batch, 4, 4, 3], w: [3, 3, 3, 4] },
      { tolerance: 1e-4 },
    );
  });

  test('sine, cosine and tangent, to the last digits', async () => {
    const x = Float32Array.from({ length: 400 }, (_, i) => (i - 200) * 0.37);
    const { sin, cos, tan } = await runCompiled(
      (inputs) => ({
        sin: tf.sin(inputs['x']!),
        cos: tf.cos(inputs['x']!),
        tan: tf.tan(inputs['x']!),
      }),
      { x: floats([400], [...x]) },
      { sessionOptions },
    );
    expectClose('sin', sin!.data, Array.from(x, Math.sin), 3e-7);
    expectClose('cos', cos!.data, Array.from(x, Math.cos), 5e-7);
    expectClose('tan', tan!.data, Array.from(x, Math.tan), 1e-4);
  });

  test('rounds halves to even, and knows signs and what is no number', async () => {
    const x = floats([10], [NaN, Infinity, -Infinity, 0, 0.5, 1.5, -0.5, -1.5, 2.4, 8388609]);
    await expectLikeTfjs(
      (inputs) => {
        const [number, given] = [tf.round(inputs['x']!), inputs['x']!];
        return { number, sign: tf.sign(given), nan: tf.isNaN(given), infinite: tf.isInf(given) };
      },
      { x },
    );
  });

  test('joins conditions', async () => {
    await expectLikeTfjs(({ a, b }) => ({ y: tf.logicalOr(a!, b!) }), {
      a: bools([4], [0, 0, 1, 1]),
      b: bools([4], [0, 1, 0, 1]),
    });
  });

  test.each([8, 13, 30])('takes a tensor apart into %i', async (count) => {
    expect.hasAssertions();
    await expectLikeTfjs(
      ({ x }) => {
        const parts = tf.split(x!, count, 1);
        return { first: parts[0]!, sum: tf.addN(parts), last: parts.at(-1)! };
      },
      { x: [2, 2 * count, 3] },
    );
  });

  const places: TensorFunction = ({ x }) => {
    const { result, indexes } = tf.maxPoolWithArgmax(x as tf.Tensor4D, 2, 2, 'valid');
    return { result: result!, indexes: indexes! };
  };

  test('refuses to leave the processor a node where that is not wanted', async () => {
    const inputs = { x: { shape: [2, 4, 4, 3], dtype: 'float32' } } as const;
    await expect(compile(places, { inputs, ort, sessionOptions })).rejects.toThrow(/fallback/i);
  });

  test('gradients of a pool', async () => {
    expect.hasAssertions();
    const pool = (x: tf.Tensor): tf.Tensor => tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid');
    await expectLikeTfjs(({ x }) => ({ dx: tf.grad(pool)(x!) }), { x: [2, 4, 4, 3] });
  });

  test('leaves the places of maxima to the processor, as whole numbers of 64 bits', async () => {
    expect.hasAssertions();
    await expectLikeTfjs(places, { x: [2, 4, 4, 3] }, { mayLeave: true });
  });

  test('gradients of depthwise convolutions, with several filters a channel and strides', async () => {
    expect.hasAssertions();
    for (const strides of [1, 2]) {
      await expectLikeTfjs(
        ({ x, w }) => ({
          dx: tf.grad((a) =>
            tf.depthwiseConv2d(a as tf.Tensor4D, w as tf.Tensor4D, strides, 'same'),
          )(x!),
        }),
        { x: [2, 4, 4, 3], w: [3, 3, 3, 2] },
      );
    }
  });

  test('gradients of convolutions of volumes', async () => {
    expect.hasAssertions();
    await expectLikeTfjs(
      ({ x, w }) => {
        const conv = (a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
          tf.conv3d(a as tf.Tensor5D, b as tf.Tensor5D, 2, 'same');
        const [dx, dw] = tf.grads(conv)([x!, w!]);
        return { dx: dx!, dw: dw! };
      },
      { x: [1, 3, 4, 4, 2], w: [2, 2, 2, 2, 3] },
    );
  });

  test('gradients of convolutions in groups, with strides', async () => {
    expect.hasAssertions();
    const grouped = (x: tf.Tensor, w: tf.Tensor): tf.Tensor => {
      const [parts, filters] = [tf.split(x, 3, 3), tf.split(w, 3, 3)];
      return tf.concat(
        parts.map((part, i) =>
          tf.conv2d(part as tf.Tensor4D, filters[i] as tf.Tensor4D, 2, 'same'),
        ),
        3,
      );
    };
    await expectLikeTfjs(({ x, w }) => ({ dx: tf.grad((a) => grouped(a, w!))(x!) }), {
      x: [2, 4, 5, 3],
      w: [3, 3, 1, 6],
    });
  });
});
