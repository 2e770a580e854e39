// Convolutions and pools of volumes, dilation and normalisation across channels.
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { expectLikeCpu, floats, ints, runCompiled } from './support/compare-with-cpu.js';

type Triple = [number, number, number];

const run = (
  kernel: string,
  inputs: Record<string, tf.Tensor>,
  attrs: Record<string, unknown>,
): tf.Tensor => tf.engine().runKernel(kernel, inputs, attrs as tf.NamedAttrMap);

describe('conv3d', () => {
  const cases: readonly [string, Triple, Triple, 'valid' | 'same' | number, Triple?][] = [
    ['stride 1, valid', [2, 3, 2], [1, 1, 1], 'valid'],
    ['stride 1, same', [3, 2, 3], [1, 1, 1], 'same'],
    ['strides that leave some of the volume unread', [2, 2, 2], [2, 3, 2], 'valid'],
    ['strides, same', [3, 3, 2], [2, 1, 3], 'same'],
    ['padding by a number', [3, 3, 3], [1, 2, 1], 1],
    ['padding beyond the kernel', [2, 1, 2], [1, 2, 2], 3],
    ['dilated', [2, 2, 2], [1, 1, 1], 'valid', [2, 1, 2]],
    ['dilated, same', [2, 3, 2], [1, 1, 1], 'same', [1, 2, 2]],
  ];
  const shape: [number, number, number, number, number] = [2, 5, 6, 5, 3];
  test.each(cases)('%s', async (_name, size, strides, pad, dilations = [1, 1, 1]) => {
    expect.hasAssertions();
    const attrs = { strides, pad, dataFormat: 'NDHWC', dilations };
    await expectLikeCpu(
      ({ x, filter }) => ({ y: run('Conv3D', { x: x!, filter: filter! }, attrs) }),
      {
        x: shape,
        filter: [...size, 3, 4],
      },
    );
    if (dilations.some((n) => n > 1)) return; // tfjs has no such gradient kernels
    const info = tf.backend_util.computeConv3DInfo(
      shape,
      [...size, 3, 4],
      strides,
      1,
      pad as 'same', // its type leaves out numbers
    );
    for (const target of ['cpu', 'portable'] as const) {
      await expectLikeCpu(
        ({ x, dy, filter }) => ({
          dx: run(
            'Conv3DBackpropInputV2',
            { dy: dy!, filter: filter! },
            { strides, pad, inputShape: shape },
          ),
          dw: run(
            'Conv3DBackpropFilterV2',
            { x: x!, dy: dy! },
            { strides, pad, filterShape: [...size, 3, 4] },
          ),
        }),
        { x: shape, dy: info.outShape, filter: [...size, 3, 4] },
        1e-5,
        { target },
      );
    }
  });
  test('conv3d and conv3dTranspose as tfjs calls them', async () => {
    expect.hasAssertions();
    await expectLikeCpu(
      ({ x, filter }) => ({
        one: tf.conv3d(x as tf.Tensor4D, filter as tf.Tensor5D, 1, 'same'),
        back: tf.conv3dTranspose(
          x as tf.Tensor4D,
          tf.transpose(filter as tf.Tensor5D, [0, 1, 2, 4, 3]),
          [6, 8, 10, 3],
          2,
          'same',
        ),
      }),
      { x: [3, 4, 5, 2], filter: [2, 3, 2, 2, 3] },
    );
  });
});

describe('pools of volumes', () => {
  type Pad = 'valid' | 'same' | number;
  const cases: readonly [string, Triple, Triple, Pad, ('floor' | 'ceil')?][] = [
    ['windows that tile', [2, 2, 2], [2, 2, 2], 'valid'],
    ['windows that overlap', [3, 2, 2], [1, 1, 2], 'valid'],
    // tfjs's cpu kernel mixes rows up where windows are not as high as wide
    ['same', [3, 2, 2], [2, 2, 1], 'same'],
    ['padding by a number', [3, 3, 3], [2, 1, 2], 1],
    ['rounding up', [2, 2, 2], [2, 2, 2], 0, 'ceil'],
    ['padding as large as the window', [2, 2, 2], [1, 2, 1], 2],
  ];
  const shape = [2, 4, 6, 5, 3];
  test.each(cases)('%s', async (_name, size, strides, pad, rounding) => {
    expect.hasAssertions();
    await expectLikeCpu(
      ({ x }) => ({
        max: tf.maxPool3d(x as tf.Tensor5D, size, strides, pad, rounding),
        avg: tf.avgPool3d(x as tf.Tensor5D, size, strides, pad, rounding),
      }),
      { x: shape },
    );
    const attrs = { filterSize: size, strides, pad, dimRoundingMode: rounding };
    await expectLikeCpu(
      ({ x }) => {
        const y = run('MaxPool3D', { x: x! }, attrs);
        return { dx: run('MaxPool3DGrad', { dy: tf.sin(y), input: x!, output: y }, attrs) };
      },
      { x: shape },
    );
  });
  test('mean gradients of windows inside of the volume', async () => {
    expect.hasAssertions();
    const attrs = { filterSize: [2, 3, 2], strides: [1, 2, 2], pad: 'valid' };
    for (const target of ['cpu', 'portable'] as const) {
      await expectLikeCpu(
        ({ x }) => {
          const dy = tf.sin(run('AvgPool3D', { x: x! }, attrs));
          return { dx: run('AvgPool3DGrad', { dy, input: x! }, attrs) };
        },
        { x: shape },
        1e-5,
        { target },
      );
    }
  });
  test('padding does not count in mean gradients, by hand', async () => {
    // tfjs's cpu kernel divides by the whole window also where padding is part of it.
    const attrs = { filterSize: [1, 1, 2], strides: 1, pad: 'same' };
    const { dx } = await runCompiled(
      ({ x }) => ({ dx: run('AvgPool3DGrad', { dy: tf.onesLike(x!), input: x! }, attrs) }),
      { x: [1, 1, 1, 3, 1] },
    );
    expect(dx?.data).toEqual(Float32Array.of(0.5, 1, 1.5));
  });
});

describe('maxPoolWithArgmax', () => {
  test.each([
    [2, 2, 'valid', false],
    [3, 2, 'same', false],
    [3, 1, 'same', true],
    [2, 1, 'valid', true],
  ] as const)('window %i, stride %i, %s, with the batch: %s', async (size, stride, pad, batch) => {
    expect.hasAssertions();
    const pooled = (x: tf.Tensor): Record<string, tf.Tensor> =>
      tf.maxPoolWithArgmax(x as tf.Tensor4D, size, stride, pad, batch);
    await expectLikeCpu(({ x }) => pooled(x!), { x: [2, 5, 4, 3] });
    await expectLikeCpu(({ x }) => pooled(tf.relu(x!)), { x: [2, 5, 4, 3] }); // many equals
  });
});

test('maxPoolWithArgmax passes NaN over', async () => {
  expect.hasAssertions();
  await expectLikeCpu(
    ({ x }): Record<string, tf.Tensor> => tf.maxPoolWithArgmax(x as tf.Tensor4D, 2, 1, 'valid'),
    { x: floats([1, 3, 3, 1], [1, NaN, 3, 4, 2, 6, NaN, 8, 0]) },
  );
});

describe('dilation2d', () => {
  type Pair = [number, number];
  const cases: readonly [string, Pair, Pair, Pair, 'valid' | 'same'][] = [
    ['valid', [2, 3], [1, 1], [1, 1], 'valid'],
    ['same', [3, 3], [1, 1], [1, 1], 'same'],
    ['strides', [2, 2], [2, 3], [1, 1], 'valid'],
    ['strides, same', [3, 2], [2, 2], [1, 1], 'same'],
    ['dilated', [2, 2], [1, 2], [2, 3], 'valid'],
    ['dilated, same', [3, 2], [1, 1], [2, 2], 'same'],
  ];
  test.each(cases)('%s', async (_name, size, strides, dilations, pad) => {
    expect.hasAssertions();
    await expectLikeCpu(
      ({ x, filter }) => {
        const attrs = { strides, pad, dilations };
        const y = tf.dilation2d(
          x as tf.Tensor4D,
          filter as tf.Tensor3D,
          strides,
          pad,
          dilations,
          'NHWC',
        );
        const inputs = { x: x!, filter: filter!, dy: tf.sin(y) };
        return {
          y,
          dx: run('Dilation2DBackpropInput', inputs, attrs),
          dw: run('Dilation2DBackpropFilter', inputs, attrs),
        };
      },
      { x: [2, 6, 7, 3], filter: [...size, 3] },
    );
  });
  test('int32, and the first of equals gets the gradient', async () => {
    expect.hasAssertions();
    await expectLikeCpu(
      ({ x, filter }) => ({
        y: tf.dilation2d(x as tf.Tensor4D, filter as tf.Tensor3D, 1, 'same'),
        dx: run(
          'Dilation2DBackpropInput',
          { x: x!, filter: filter!, dy: tf.onesLike(x!) },
          { strides: 1, pad: 'same', dilations: 1 },
        ),
      }),
      { x: ints([1, 2, 3, 1], [1, 1, 1, 5, 1, 1]), filter: ints([2, 2, 1], [0, 0, 0, 0]) },
    );
  });
});

describe('local response normalisation', () => {
  test.each([
    [5, 1, 1, 0.5],
    [1, 2, 0.3, 0.75],
    [0, 0.5, 2, 1],
    [2, 1, 0.1, 2],
  ])('radius %i, bias %d, alpha %d, beta %d', async (depthRadius, bias, alpha, beta) => {
    expect.hasAssertions();
    const attrs = { depthRadius, bias, alpha, beta };
    await expectLikeCpu(
      ({ x }) => {
        const y = tf.localResponseNormalization(x as tf.Tensor4D, depthRadius, bias, alpha, beta);
        return { y, dx: run('LRNGrad', { x: x!, y, dy: tf.cos(y) }, attrs) };
      },
      { x: [2, 3, 2, 7] },
    );
  });
});
