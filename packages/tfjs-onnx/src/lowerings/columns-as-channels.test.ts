import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { decodeModel } from '../../test/support/decode-model.js';
import { compile } from '../compile.js';
import type { HostTensor } from '../host-tensor.js';
import type { TensorFunction } from '../tensor-function.js';
import { toOnnx } from '../to-onnx.js';
import { findBlock } from '../onnx/blocked-convolution.js';

type Shape = [number, number, number, number];

interface Case {
  /** [B, H, W, in] */
  readonly x: Shape;
  /** [kh, kw, in, out], or [kh, kw, out, in] of a transposed convolution. */
  readonly filter: Shape;
  readonly fn: (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor;
}

const padded: [[number, number], [number, number], [number, number], [number, number]] = [
  [0, 0],
  [2, 1],
  [0, 3],
  [0, 0],
];

const cases: readonly [string, Case][] = [
  [
    '3 × 3, same',
    { x: [2, 6, 7, 32], filter: [3, 3, 32, 3], fn: (x, w) => tf.conv2d(x, w, 1, 'same') },
  ],
  [
    '5 × 5, valid',
    { x: [1, 9, 8, 16], filter: [5, 5, 16, 3], fn: (x, w) => tf.conv2d(x, w, 1, 'valid') },
  ],
  [
    '2 × 4, other zeros on each side',
    { x: [2, 5, 6, 16], filter: [2, 4, 16, 4], fn: (x, w) => tf.conv2d(x, w, 1, padded) },
  ],
  [
    'transposed, with a bias',
    {
      x: [2, 5, 6, 16],
      filter: [3, 5, 3, 16],
      fn: (x, w) => tf.add(tf.conv2dTranspose(x, w, [2, 5, 6, 3], 1, 'same'), [0.5, -1, 2]),
    },
  ],
];

function numbers(shape: Shape, seed: number): HostTensor & { data: Float32Array } {
  const size = shape.reduce((a, b) => a * b, 1);
  const data = Float32Array.from({ length: size }, (_, at) => Math.sin(at * (1.3 + seed)));
  return { shape, dtype: 'float32', data };
}

function convolutionsIn(bytes: Uint8Array): string[] {
  const { node } = decodeModel(bytes).graph;
  return node.map(({ opType }) => opType).filter((op) => op.startsWith('Conv'));
}

const block = await findBlock(ort);

test.each(cases)('%s', async (_, { x, filter, fn }) => {
  const [image, weights] = [numbers(x, 0), numbers(filter, 1)];
  const run: TensorFunction = ({ image: given, weights: w }) => ({
    y: fn(given as tf.Tensor4D, w as tf.Tensor4D),
  });
  await tf.setBackend('cpu');
  const want = fn(tf.tensor4d(image.data, x), tf.tensor4d(weights.data, filter)).dataSync();
  const compiled = await compile(run, {
    inputs: { image: { shape: x, dtype: 'float32' } },
    constants: { weights },
    ort,
  });
  const file = toOnnx(run, {
    inputs: { image: { shape: [null, ...x.slice(1)], dtype: 'float32' } },
    constants: { weights },
    name: 'few channels',
  });
  const loaded = await ort.InferenceSession.create(file.bytes);
  const results = [
    (await compiled.run({ image }))['y'],
    (await loaded.run({ image: new ort.Tensor('float32', image.data, x) }))['y'],
  ];
  for (const got of results) {
    expect(got!.data).toHaveLength(want.length);
    // The numbers are at most 1, and up to 400 products are added.
    want.forEach((value, at) =>
      expect(Math.abs((got!.data[at] as number) - value)).toBeLessThan(5e-5),
    );
  }
  expect(convolutionsIn(file.bytes)).toEqual(['Conv', 'Conv']);
  expect(convolutionsIn(compiled.bytes)).toEqual(block > 0 ? ['Conv', 'Conv'] : ['ConvTranspose']);
  await compiled.dispose();
  await loaded.release();
});

test.each([
  ['columns that would leave most of a block empty', [3, 3, 16, 1], true],
  ['a filter of one column', [5, 1, 16, 3], true],
  ['a filter that changes', [3, 3, 16, 3], false],
] as const)('not for %s', (_, shape, stored) => {
  const filter: Shape = [...shape];
  const spec = { shape: filter, dtype: 'float32' } as const;
  const { bytes } = toOnnx(
    ({ image, weights }) => ({
      y: tf.conv2d(image as tf.Tensor4D, weights as tf.Tensor4D, 1, 'same'),
    }),
    {
      inputs: {
        image: { shape: [1, 6, 6, 16], dtype: 'float32' },
        ...(stored ? {} : { weights: spec }),
      },
      ...(stored ? { constants: { weights: numbers(filter, 1) } } : {}),
      name: 'one',
    },
  );
  expect(convolutionsIn(bytes)).toEqual(['ConvTranspose']);
});
