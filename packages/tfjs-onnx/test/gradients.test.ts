// Gradients, and gradients of gradients, use kernels that no forward pass does: each must be translated too.
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { registerGradients } from '@lapyra/tfjs-onnx/gradients';
import {
  bools,
  expectLikeCpu,
  floats,
  ints,
  seeded,
  type TestInput,
} from './support/compare-with-cpu.js';

registerGradients(); // another file's imports may have put tfjs's own back

type Fn = (x: tf.Tensor, y: tf.Tensor) => tf.Tensor;

/** First gradients of a sum of waves of the result, and the gradient of their squares. */
function checkGradients(fn: Fn, x: TestInput, y: TestInput, second: boolean): Promise<void> {
  return expectLikeCpu(
    (inputs) => {
      const loss = (a: tf.Tensor, b: tf.Tensor): tf.Scalar => tf.sum(tf.sin(fn(a, b)));
      const [dx, dy] = tf.grads(loss)([inputs['x']!, inputs['y']!]);
      if (!second) return { dx: dx!, dy: dy! };
      const again = tf.grad((a: tf.Tensor) => {
        const [inner] = tf.grads(loss)([a, inputs['y']!]);
        return tf.sum(tf.square(inner!));
      })(inputs['x']!);
      return { dx: dx!, dy: dy!, again };
    },
    { x, y },
    1e-3,
  );
}

const plus = (x: tf.Tensor, y: tf.Tensor): tf.Tensor => tf.add(x, tf.mean(y));
const image = [2, 6, 6, 2];

describe('to second order', () => {
  const cases: readonly [string, Fn, TestInput?, TestInput?][] = [
    ['add and mul with broadcasting', (x, y) => tf.add(tf.mul(x, y), y), [3, 4], [4]],
    ['sub and div', (x, y) => tf.div(tf.sub(x, y), tf.add(tf.square(y), 1)), [3, 4], [3, 1]],
    ['pow', (x, y) => tf.pow(tf.abs(x), tf.add(tf.square(y), 1)), [3, 4], [4]],
    ['squaredDifference', (x, y) => tf.squaredDifference(x, y), [3, 4], [4]],
    [
      'exp, log, sqrt, rsqrt',
      (x, y) =>
        plus(
          tf.mul(
            tf.log(tf.add(tf.exp(x), 1)),
            tf.add(tf.sqrt(tf.add(tf.square(x), 1)), tf.rsqrt(tf.add(tf.square(x), 1))),
          ),
          y,
        ),
    ],
    [
      'expm1, log1p, erf',
      (x, y) =>
        plus(tf.add(tf.expm1(tf.mul(x, 0.3)), tf.add(tf.log1p(tf.square(x)), tf.erf(x))), y),
    ],
    ['sin, cos, atan', (x, y) => plus(tf.add(tf.sin(x), tf.mul(tf.cos(x), tf.atan(x))), y)],
    [
      'tanh, sigmoid, softplus',
      (x, y) => plus(tf.mul(tf.tanh(x), tf.add(tf.sigmoid(x), tf.softplus(x))), y),
    ],
    [
      'relu, abs, square, reciprocal',
      (x, y) =>
        plus(tf.add(tf.relu(x), tf.mul(tf.abs(x), tf.reciprocal(tf.add(tf.square(x), 1)))), y),
    ],
    [
      'elu, selu, leakyRelu',
      (x, y) => plus(tf.add(tf.elu(x), tf.add(tf.selu(x), tf.leakyRelu(x, 0.3))), y),
    ],
    ['prelu', (x, y) => tf.prelu(x, y), [3, 4], [4]],
    [
      'relu6 and clipByValue',
      (x, y) => plus(tf.add(tf.relu6(tf.mul(x, 4)), tf.clipByValue(x, -0.5, 0.5)), y),
    ],
    [
      'maximum and minimum',
      (x, y) => tf.add(tf.maximum(x, y), tf.mul(tf.minimum(x, y), x)),
      [3, 4],
      [4],
    ],
    [
      'where on a comparison',
      (x, y) => tf.where(tf.greater(x, 0), tf.mul(x, y), tf.square(x)),
      [3, 4],
      [4],
    ],
    ['softmax', (x, y) => plus(tf.mul(tf.softmax(x), x), y), [3, 4]],
    [
      'moments and norm',
      (x, y) => plus(tf.add(tf.moments(x, 0).variance, tf.norm(x, 2, 0)), y),
      [3, 4],
    ],
    [
      'sum, mean, max, min, prod over axes',
      (x, y) =>
        plus(tf.addN([tf.sum(x, 0), tf.mean(x, 0), tf.max(x, 0), tf.min(x, 0), tf.prod(x, 0)]), y),
      [3, 4],
    ],
    ['matMul', (x, y) => tf.matMul(tf.matMul(x, y), x, false, true), [3, 4], [4, 4]],
    [
      'reshape, transpose, expandDims',
      (x, y) =>
        plus(tf.transpose(tf.expandDims(tf.reshape(tf.square(x), [4, 3]), 0), [2, 1, 0]), y),
      [3, 4],
    ],
    [
      'concat, stack, unstack, split',
      (x, y) =>
        plus(tf.stack(tf.unstack(tf.concat([tf.square(x), ...tf.split(x, 2, 1)], 1), 0), 1), y),
      [3, 4],
    ],
    ['slice, pad, tile, reverse', (x, y) => plus(tf.tile(tf.reverse(tf.pad(tf.slice(tf.square(x), [1, 0], [2, 3]), [[1, 0], [0, 2]]), 1), [2, 1]), y), [3, 4]], // prettier-ignore
    [
      'gather and cumsum',
      (x, y) => plus(tf.cumsum(tf.gather(tf.square(x), tf.tensor1d([2, 0, 2], 'int32')), 1), y),
      [3, 4],
    ],
    [
      'conv2d',
      (x, y) => tf.conv2d(tf.square(x) as tf.Tensor4D, y as tf.Tensor4D, 1, 'same'),
      image,
      [3, 3, 2, 3],
    ],
    [
      'conv2d with stride 2',
      (x, y) => tf.conv2d(tf.square(x) as tf.Tensor4D, y as tf.Tensor4D, 2, 'valid'),
      image,
      [3, 3, 2, 3],
    ],
    [
      'conv2d with dilation',
      (x, y) => tf.conv2d(tf.square(x) as tf.Tensor4D, y as tf.Tensor4D, 1, 'same', 'NHWC', 2),
      image,
      [3, 3, 2, 3],
    ],
    [
      'conv2dTranspose',
      (x, y) =>
        tf.conv2dTranspose(
          tf.square(x) as tf.Tensor4D,
          y as tf.Tensor4D,
          [2, 12, 12, 3],
          2,
          'same',
        ),
      image,
      [4, 4, 3, 2],
    ],
    [
      'batchNorm',
      (x, y) =>
        tf.batchNorm(
          tf.square(x),
          y as tf.Tensor1D,
          tf.add(tf.square(y), 1) as tf.Tensor1D,
          y as tf.Tensor1D,
          y as tf.Tensor1D,
        ),
      image,
      [2],
    ],
    [
      'depthToSpace',
      (x, y) => plus(tf.depthToSpace(tf.square(x) as tf.Tensor4D, 2), y),
      [2, 3, 3, 4],
    ],
    [
      'resizeBilinear',
      (x, y) => plus(tf.image.resizeBilinear(tf.square(x) as tf.Tensor4D, [9, 11], true), y),
      image,
    ],
  ];
  test.each(cases)('%s', async (_name, fn, x = [3, 4], y = [3]) => {
    expect.hasAssertions();
    await checkGradients(fn, x, y, true);
  });
});

describe('to first order', () => {
  const cases: readonly [string, Fn, TestInput?, TestInput?][] = [
    ['logSoftmax', (x, y) => plus(tf.logSoftmax(x), y)],
    ['maxPool', (x, y) => plus(tf.maxPool(x as tf.Tensor4D, 3, 2, 'same'), y), image],
    ['avgPool', (x, y) => plus(tf.avgPool(x as tf.Tensor4D, 2, 2, 'valid'), y), image],
    [
      'depthwiseConv2d',
      (x, y) => tf.depthwiseConv2d(x as tf.Tensor4D, y as tf.Tensor4D, 1, 'same'),
      image,
      [3, 3, 2, 2],
    ],
    ['spaceToBatchND', (x, y) => plus(tf.spaceToBatchND(x, [2, 2], [[0, 0], [0, 0]]), y), image], // prettier-ignore
    [
      'resizeNearestNeighbor',
      (x, y) => plus(tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [12, 12]), y),
      [1, 6, 6, 2],
    ],
    ['stridedSlice', (x, y) => plus(tf.stridedSlice(x, [0, 1], [3, 4], [2, 2]), y), [3, 4]],
  ];
  test.each(cases)('%s', async (_name, fn, x = [3, 4], y = [3]) => {
    expect.hasAssertions();
    await checkGradients(fn, x, y, false);
  });

  test('losses with labels', async () => {
    expect.hasAssertions();
    const labels = bools([4, 1], [0, 1, 1, 0]);
    await expectLikeCpu(
      ({ x, label, classes }) => ({
        hinge: tf.grad((a) => tf.losses.hingeLoss(tf.cast(label!, 'float32'), a))(x!),
        entropy: tf.grad((a) => tf.losses.sigmoidCrossEntropy(tf.cast(label!, 'float32'), a))(x!),
        classes: tf.grad((a) =>
          tf.losses.softmaxCrossEntropy(
            tf.oneHot(tf.cast(classes!, 'int32'), 3),
            tf.concat([a, tf.neg(a), a], 1),
          ),
        )(x!),
      }),
      { x: floats([4, 1], [-2, 0.5, 3, -0.1]), label: labels, classes: ints([4], [0, 2, 1, 1]) },
    );
  });

  test('of a large logit', async () => {
    expect.hasAssertions();
    await expectLikeCpu(({ x }) => ({ dx: tf.grad((a) => tf.sum(tf.softplus(a)))(x!) }), {
      x: seeded([5], 1, 40),
    });
  });
});
