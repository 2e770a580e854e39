import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import '../gradients/index.js';
import type { TensorFunction } from '../tensor-function.js';
import { trace } from '../tracer/trace.js';
import { simplify } from './simplify.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const inputs = {
  x: { shape: [2, 3], dtype: 'float32' },
  row: { shape: [3], dtype: 'float32' },
  image: { shape: [2, 4, 4, 3], dtype: 'float32' },
  w: { shape: [3, 3, 3, 3], dtype: 'float32' },
} as const;

/** The kernels that are left, in order. */
function kernels(fn: TensorFunction): string[] {
  const graph = simplify(trace(fn, { inputs }));
  return graph.nodes.map(({ kernel }) => kernel).filter((kernel) => kernel !== 'Input');
}

describe('simplify', () => {
  const cases: readonly [string, TensorFunction, string[]][] = [
    ['makes equal calls once', ({ x }) => ({ a: tf.exp(x!), b: tf.exp(x!) }), ['Exp']],
    [
      'keeps calls apart that differ in an attribute',
      ({ x }) => ({ a: tf.sum(x!, 0), b: tf.sum(x!, 1) }),
      ['Sum', 'Sum'],
    ],
    [
      'drops neutral numbers',
      ({ x }) => ({ y: tf.neg(tf.div(tf.sub(tf.mul(tf.add(x!, 0), tf.ones([2, 3])), 0), 1)) }),
      ['Neg'],
    ],
    ['keeps a factor of zero', ({ x }) => ({ y: tf.mul(x!, 0) }), ['Fill', 'Multiply']],
    [
      'calculates with known numbers',
      () => ({ y: tf.sqrt(tf.mul(tf.add(tf.ones([4]), 3), 4)) }),
      ['Fill'],
    ],
    [
      'drops casts to the same type, double negation and clones',
      ({ x }) => ({ y: tf.exp(tf.cast(tf.clone(tf.neg(tf.neg(x!))), 'float32')) }),
      ['Exp'],
    ],
    [
      'joins reshapes',
      ({ x }) => ({ y: tf.reshape(tf.expandDims(tf.reshape(x!, [3, 2]), 0), [6]) }),
      ['Reshape'],
    ],
    [
      'drops reshapes to the same shape',
      ({ x }) => ({ y: tf.neg(tf.reshape(tf.reshape(x!, [6]), [2, 3])) }),
      ['Neg'],
    ],
    [
      'joins transposes',
      ({ image }) => ({
        y: tf.neg(tf.transpose(tf.transpose(image!, [0, 3, 1, 2]), [0, 2, 3, 1])),
      }),
      ['Neg'],
    ],
    [
      'broadcasts instead of writing out',
      ({ x, row }) => ({ y: tf.add(x!, tf.tile(tf.expandDims(row!, 0), [2, 1])) }),
      ['Reshape', 'Add'],
    ],
    [
      'repeats after calculating, not before',
      ({ row }) => ({ y: tf.exp(tf.tile(tf.expandDims(row!, 0), [5, 1])) }),
      ['Reshape', 'Exp', 'BroadcastTo'],
    ],
    [
      'reduces nothing over axes of size 1',
      ({ x }) => ({ y: tf.neg(tf.sum(tf.expandDims(x!, 1), 1)) }),
      ['Neg'],
    ],
    ['sums known numbers', () => ({ y: tf.sum(tf.fill([3, 4], 0.5)) }), ['Fill']],
    [
      'chooses a branch that is known',
      ({ x, row }) => ({ y: tf.neg(tf.where(tf.ones([1], 'bool'), x!, tf.expandDims(row!, 0))) }),
      ['Neg'],
    ],
    ['drops slices and pads of nothing', ({ x }) => ({ y: tf.neg(tf.pad(tf.slice(x!, [0, 0], [2, 3]), [[0, 0], [0, 0]])) }), ['Neg']], // prettier-ignore
    [
      'takes fused kernels apart',
      ({ x }) => ({
        y: tf.fused.matMul({
          a: x!,
          b: tf.transpose(x!),
          bias: tf.fill([2], 3),
          activation: 'relu',
        }),
      }),
      ['Transpose', 'Reshape', 'Reshape', 'BatchMatMul', 'Fill', 'Add', 'Relu', 'Reshape'],
    ],
    [
      'adds a bias within the product',
      ({ image, w, row }) => ({
        y: tf.relu(tf.add(tf.conv2d(image as tf.Tensor4D, w as tf.Tensor4D, 1, 'same'), row!)),
      }),
      ['Conv2D', 'Relu'],
    ],
    [
      'but not if the product is read elsewhere',
      ({ image, w, row }) => {
        const product = tf.conv2d(image as tf.Tensor4D, w as tf.Tensor4D, 1, 'same');
        return { y: tf.add(product, row!), z: tf.neg(product) };
      },
      ['Conv2D', 'Add', 'Neg'],
    ],
  ];
  test.each(cases)('%s', (_, fn, want) => {
    expect(kernels(fn)).toEqual(want);
  });

  test('the gradient of relu reads the sign from its result, so that nobody else reads its argument', () => {
    const fn: TensorFunction = ({ x }) => {
      const { value, grad } = tf.valueAndGrad((a: tf.Tensor) => tf.sum(tf.relu(tf.square(a))))(x!);
      return { value, grad };
    };
    const graph = simplify(trace(fn, { inputs }));
    const square = graph.nodes.find(({ kernel }) => kernel === 'Square')?.outputs[0];
    const readers = graph.nodes.filter(({ inputs: read }) =>
      Object.values(read).some((value) => value === square),
    );
    expect(readers.map(({ kernel }) => kernel)).toEqual(['Relu']);
  });
});
