import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { expectLikeCpu } from './support/compare-with-cpu.js';
import {
  attrsOf,
  convCases,
  dilatedCases,
  type Inputs,
  kernel,
  outputShape,
} from './support/convolutions.js';

describe('conv2d', () => {
  test.each([...convCases, ...dilatedCases])('%s', async (_name, c) => {
    expect.hasAssertions();
    await expectLikeCpu(
      ({ x, filter }: Inputs) => ({ y: kernel('Conv2D', { x: x!, filter: filter! }, attrsOf(c)) }),
      { x: c.x, filter: c.filter },
    );
  });
  test.each(convCases)('gradient of the image: %s', async (_name, c) => {
    expect.hasAssertions();
    await expectLikeCpu(
      ({ dy, filter }: Inputs) => ({
        dx: kernel(
          'Conv2DBackpropInput',
          { dy: dy!, filter: filter! },
          { ...attrsOf(c), inputShape: c.x },
        ),
      }),
      { dy: outputShape(c), filter: c.filter },
    );
  });
  test.each(convCases)('gradient of the filter: %s', async (_name, c) => {
    expect.hasAssertions();
    await expectLikeCpu(
      ({ x, dy }: Inputs) => ({
        dw: kernel(
          'Conv2DBackpropFilter',
          { x: x!, dy: dy! },
          { ...attrsOf(c), filterShape: c.filter },
        ),
      }),
      { x: c.x, dy: outputShape(c) },
    );
  });
  test('channels first', async () => {
    expect.hasAssertions();
    const attrs = { strides: 1, dilations: 1, pad: 1, dataFormat: 'NCHW' };
    await expectLikeCpu(
      ({ x, filter, dy }: Inputs) => ({
        y: kernel('Conv2D', { x: x!, filter: filter! }, attrs),
        dw: kernel(
          'Conv2DBackpropFilter',
          { x: x!, dy: dy! },
          { ...attrs, filterShape: [3, 3, 2, 4] },
        ),
        dx: kernel(
          'Conv2DBackpropInput',
          { dy: dy!, filter: filter! },
          { ...attrs, inputShape: [2, 2, 5, 6] },
        ),
      }),
      { x: [2, 2, 5, 6], filter: [3, 3, 2, 4], dy: [2, 4, 5, 6] },
    );
  });
  test('transposed', async () => {
    expect.hasAssertions();
    await expectLikeCpu(
      ({ x, filter }: Inputs) => ({
        y: tf.conv2dTranspose(x as tf.Tensor4D, filter as tf.Tensor4D, [2, 8, 8, 3], 2, 'same'),
      }),
      { x: [2, 4, 4, 2], filter: [4, 4, 3, 2] },
    );
  });
  test('fused', async () => {
    expect.hasAssertions();
    await expectLikeCpu(
      ({ x, filter, bias }: Inputs) => ({
        y: tf.fused.conv2d({
          x: x as tf.Tensor4D,
          filter: filter as tf.Tensor4D,
          strides: 2,
          pad: 'same',
          bias: bias!,
          activation: 'relu',
        }),
      }),
      { x: [2, 6, 6, 2], filter: [3, 3, 2, 4], bias: [4] },
    );
  });
});

test('fused conv2d with channels first', async () => {
  expect.hasAssertions();
  for (const alpha of [[4], [1]]) {
    await expectLikeCpu(
      ({ x, filter, bias, slope }: Inputs) => ({
        y: tf.fused.conv2d({
          x: x as tf.Tensor4D,
          filter: filter as tf.Tensor4D,
          strides: 1,
          pad: 'valid',
          dataFormat: 'NCHW',
          bias: bias!,
          activation: 'prelu',
          preluActivationWeights: slope!,
        }),
      }),
      { x: [2, 3, 5, 4], filter: [2, 2, 3, 4], bias: [4], slope: alpha },
    );
  }
});

test('a transposed convolution of an image larger than its result reads the first rows and columns', async () => {
  expect.hasAssertions();
  await expectLikeCpu(
    ({ x, filter }: Inputs) => ({
      y: tf.conv2dTranspose(x as tf.Tensor4D, filter as tf.Tensor4D, [1, 3, 3, 2], 1, 'same'),
    }),
    { x: [1, 5, 6, 4], filter: [3, 3, 2, 4] },
  );
});

test('the gradient of a filter over no images is zero', async () => {
  expect.hasAssertions();
  const attrs = { strides: 1, pad: 'same', dataFormat: 'NHWC', filterShape: [3, 3, 2, 4] };
  await expectLikeCpu(
    ({ x, dy }: Inputs) => ({ dw: kernel('Conv2DBackpropFilter', { x: x!, dy: dy! }, attrs) }),
    { x: [0, 6, 5, 2], dy: [0, 6, 5, 4] },
  );
});

test('no images give none, whatever form their convolution takes', async () => {
  expect.hasAssertions();
  for (const filter of [
    [3, 3, 32, 32],
    [7, 7, 64, 64],
  ])
    // prettier-ignore
    await expectLikeCpu(
      ({ x, w }: Inputs) => ({ y: tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same') }),
      { x: [0, 28, 28, filter[2]!], w: filter },
    );
});
