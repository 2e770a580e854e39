import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, test } from 'vitest';
import '../gradients/index.js';
import { compile } from '../compile.js';
import type { TensorFunction } from '../tensor-function.js';
import { trace } from '../tracer/trace.js';
import { simplify } from './simplify.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const specOf = (shape: readonly number[]): { shape: number[]; dtype: 'float32' } => ({
  shape: [...shape],
  dtype: 'float32',
});

const kernelsOf = (fn: TensorFunction, shape: readonly number[]): string[] =>
  simplify(trace(fn, { inputs: { x: specOf(shape) } })).nodes.map(({ kernel }) => kernel);

/** Pixels of a channel in Torch's order, as programs on tfjs write it. */
function shuffled(x: tf.Tensor, factor: number): tf.Tensor {
  const [batch = 1, height = 1, width = 1, all = 1] = x.shape;
  const channels = all / factor ** 2;
  const parts = tf.reshape(x, [batch, height, width, channels, factor, factor]);
  return tf.reshape(tf.transpose(parts, [0, 1, 4, 2, 5, 3]), [
    ...[batch, height * factor, width * factor],
    channels,
  ]);
}

/** A result and a gradient that weighs every number otherwise, with the image in tfjs's layout or behind a convolution. */
function withGradient(factor: number, convolve: boolean): TensorFunction {
  return ({ x }) => {
    const fn = (image: tf.Tensor): tf.Tensor => {
      const all = image.shape[3]!;
      const filter = tf.reshape(tf.linspace(-1, 1, all * all), [1, 1, all, all]) as tf.Tensor4D;
      const planes = convolve ? tf.conv2d(image as tf.Tensor4D, filter, 1, 'same') : image;
      return shuffled(planes, factor);
    };
    const y = fn(x!);
    const weights = tf.reshape(tf.linspace(-1, 2, y.size), y.shape);
    return { y, dx: tf.grad((image) => tf.sum(tf.mul(weights, tf.square(fn(image)))))(x!) };
  };
}

describe('pixels shuffled by a transpose of six axes', () => {
  const cases: readonly [string, number, readonly number[], boolean][] = [
    ['by 2', 2, [2, 3, 5, 12], false],
    ['by 2 behind a convolution', 2, [2, 3, 5, 12], true],
    ['by 3', 3, [1, 4, 2, 18], false],
    ['by 3 behind a convolution', 3, [1, 4, 2, 18], true],
  ];
  test.each(cases)('give tfjs’s numbers: %s', async (_, factor, shape, convolve) => {
    const fn = withGradient(factor, convolve);
    const kernels = kernelsOf(fn, shape);
    expect(kernels).toContain('PixelShuffle');
    expect(kernels).toContain('PixelUnshuffle');
    expect(kernels).not.toContain('Transpose');
    const data = Float32Array.from({ length: tf.util.sizeFromShape([...shape]) }, (__, i) =>
      Math.sin(i),
    );
    const program = await compile(fn, {
      ort,
      inputs: { x: specOf(shape) },
      sessionOptions: { intraOpNumThreads: 1 },
    });
    const got = await program.run({ x: { ...specOf(shape), data } });
    await program.dispose();
    for (const [name, want] of Object.entries(fn({ x: tf.tensor(data, [...shape]) }))) {
      expect(got[name]!.dims).toEqual(want.shape);
      const [a, b] = [got[name]!.data as Float32Array, want.dataSync()];
      for (let i = 0; i < b.length; i++)
        expect(Math.abs(a[i]! - b[i]!), `${name}[${i}]`).toBeLessThan(1e-5 * (1 + Math.abs(b[i]!)));
    }
  });

  const left: readonly [string, (x: tf.Tensor) => tf.Tensor][] = [
    [
      'in another order',
      (x) =>
        tf.reshape(
          tf.transpose(tf.reshape(x, [1, 2, 2, 2, 2, 2]), [0, 1, 3, 2, 4, 5]),
          [1, 4, 4, 2],
        ),
    ],
    [
      'by unequal factors',
      (x) =>
        tf.reshape(
          tf.transpose(tf.reshape(x, [1, 2, 2, 2, 4, 1]), [0, 1, 4, 2, 5, 3]),
          [1, 8, 2, 2],
        ),
    ],
    [
      'to another shape',
      (x) =>
        tf.reshape(
          tf.transpose(tf.reshape(x, [1, 2, 2, 2, 2, 2]), [0, 1, 4, 2, 5, 3]),
          [1, 4, 2, 4],
        ),
    ],
    [
      'of parts that lie across the rows',
      (x) =>
        tf.reshape(
          tf.transpose(tf.reshape(x, [2, 2, 1, 2, 2, 2]), [0, 1, 4, 2, 5, 3]),
          [2, 4, 2, 2],
        ),
    ],
  ];
  test.each(left)('stay a transpose: %s', (_, fn) => {
    const kernels = kernelsOf(({ x }) => ({ y: fn(x!) }), [1, 2, 2, 8]);
    expect(kernels).toContain('Transpose');
    expect(kernels).not.toContain('PixelShuffle');
  });
});
