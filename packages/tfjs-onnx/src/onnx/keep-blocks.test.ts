import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { decodeModel } from '../../test/support/decode-model.js';
import { compile } from '../compile.js';
import type { HostTensor } from '../host-tensor.js';
import type { TensorFunction } from '../tensor-function.js';
import { findBlock } from './blocked-convolution.js';

const block = await findBlock(ort);
/** Of the titles. */
const where = block === 0 ? ' (skipped: this processor has no kernels for blocks)' : '';

type Shape = [number, number, number, number];

const image: Shape = [2, 8, 8, 16];
const filters = { first: [3, 3, 16, 32], second: [3, 3, 32, 16] } satisfies Record<string, Shape>;

function conv(x: tf.Tensor, filter: tf.Tensor | undefined): tf.Tensor {
  return tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same');
}

/** Operators behind each other, without those that only prepare filters, and the results beside those of tfjs. */
async function operatorsOf(
  fn: TensorFunction,
  shapes: Record<string, Shape> = filters,
): Promise<string[]> {
  const inputs = Object.entries({ image, ...shapes }).map(([name, shape], i) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const data = Float32Array.from({ length: size }, (_, at) => Math.sin(at * (1.3 + i)) / 4);
    return [name, { shape, dtype: 'float32', data }] as const;
  });
  const given: Record<string, HostTensor> = Object.fromEntries(inputs);
  const compiled = await compile(fn, { inputs: given, ort });
  const results = await compiled.run(given);
  await compiled.dispose();
  await tf.setBackend('cpu');
  const tensors = inputs.map(([name, { shape, data }]) => [name, tf.tensor(data, shape)] as const);
  const wanted = fn(Object.fromEntries(tensors));
  for (const [name, want] of Object.entries(wanted)) {
    const got = results[name]!.data as Float32Array;
    const all = want.dataSync<'float32'>();
    expect(got).toHaveLength(all.length);
    // Up to 3 000 products are added.
    all.forEach((value, at) => expect(Math.abs(got[at]! - value)).toBeLessThan(1e-4));
  }
  return decodeModel(compiled.bytes)
    .graph.node.filter(({ opType }) => /^(Reorder|Conv|Relu)/.test(opType))
    .map(({ opType, attribute }) =>
      attribute.some(({ name }) => name === 'activation') ? `${opType} with activation` : opType,
    );
}

test.skipIf(block === 0)(`an image stays in blocks between two convolutions${where}`, async () => {
  const operators = await operatorsOf(({ image: x, first, second }) => ({
    y: conv(tf.relu(conv(x!, first)), second),
  }));
  expect(operators).toEqual(['ReorderInput', 'Conv with activation', 'Conv', 'ReorderOutput']);
});

test.skipIf(block === 0)(`without an activation, too${where}`, async () => {
  const operators = await operatorsOf(({ image: x, first, second }) => ({
    y: conv(conv(x!, first), second),
  }));
  expect(operators).toEqual(['ReorderInput', 'Conv', 'Conv', 'ReorderOutput']);
});

test.skipIf(block === 0)(
  `an activation at the end is part of the convolution${where}`,
  async () => {
    const operators = await operatorsOf(({ image: x, first }) => ({ y: tf.relu(conv(x!, first)) }));
    expect(operators).toEqual(['ReorderInput', 'Conv with activation', 'ReorderOutput']);
  },
);

test.skipIf(block === 0)(`what is read outside leaves the blocks, too${where}`, async () => {
  const operators = await operatorsOf(({ image: x, first, second }) => {
    const middle = tf.relu(conv(x!, first));
    return { middle, y: conv(middle, second) };
  });
  expect(operators).toEqual([
    'ReorderInput',
    'Conv with activation',
    'ReorderOutput',
    'Conv',
    'ReorderOutput',
  ]);
});

test.skipIf(block === 0)(
  `a convolution that is also read without its activation keeps none${where}`,
  async () => {
    const operators = await operatorsOf(({ image: x, first, second }) => {
      const before = conv(x!, first);
      return { before, y: conv(tf.relu(before), second) };
    });
    expect(operators).toEqual([
      'ReorderInput',
      'Conv',
      'ReorderOutput',
      'Relu',
      'ReorderInput',
      'Conv',
      'ReorderOutput',
    ]);
  },
);

test.skipIf(block === 0)(
  `channels that fill no block go back in by themselves${where}`,
  async () => {
    const shapes = { first: [3, 3, 16, 20], second: [3, 3, 20, 16] } satisfies Record<
      string,
      Shape
    >;
    const operators = await operatorsOf(
      ({ image: x, first, second }) => ({ y: conv(tf.relu(conv(x!, first)), second) }),
      shapes,
    );
    expect(operators).toEqual(['ReorderInput', 'Conv with activation', 'ReorderOutput', 'Conv']);
  },
);

test.skipIf(block === 0)(`an activation of what convolutions by halves gave${where}`, async () => {
  const wide = { first: [7, 7, 64, 64], second: [3, 3, 64, 64] } satisfies Record<string, Shape>;
  const operators = await operatorsOf(
    ({ image: x, first, second }) => ({
      y: conv(tf.relu(conv(tf.tile(x!, [1, 2, 2, 4]), first)), second),
    }),
    wide,
  );
  expect(operators.filter((op) => op.startsWith('Reorder'))).toEqual([
    'ReorderInput',
    'ReorderOutput',
  ]);
  expect(operators.filter((op) => op === 'Relu')).toHaveLength(1);
  expect(operators.filter((op) => op === 'Conv').length).toBeGreaterThan(3);
});
