import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { expectLikeCpu, runCompiled } from './support/compare-with-cpu.js';
import {
  attrsOf,
  type ConvCase,
  type Inputs,
  kernel,
  outputShape,
} from './support/convolutions.js';

describe('depthwise conv2d', () => {
  const cases: readonly [string, ConvCase][] = [
    ['valid', { x: [2, 6, 7, 3], filter: [3, 3, 3, 1], pad: 'valid' }],
    ['same, two filters a channel', { x: [2, 6, 7, 3], filter: [3, 2, 3, 2], pad: 'same' }],
    [
      'stride 2 that leaves rows unread',
      { x: [2, 8, 7, 2], filter: [3, 3, 2, 2], strides: 2, pad: 'valid' },
    ],
    ['stride 2 x 3, same', { x: [2, 7, 8, 2], filter: [3, 2, 2, 2], strides: [2, 3], pad: 'same' }],
    ['padding beyond the kernel', { x: [2, 4, 4, 2], filter: [2, 2, 2, 1], pad: 2 }],
  ];
  const dilated: ConvCase = { x: [2, 8, 8, 2], filter: [3, 3, 2, 1], dilations: 2, pad: 'same' };
  test.each([...cases, ['dilated', dilated] as const])('%s', async (_name, c) => {
    expect.hasAssertions();
    await expectLikeCpu(
      ({ x, filter }: Inputs) => ({
        y: kernel('DepthwiseConv2dNative', { x: x!, filter: filter! }, attrsOf(c)),
      }),
      { x: c.x, filter: c.filter },
    );
  });
  const targets = ['cpu', 'portable'] as const;
  const both = cases.flatMap(([name, c]) => targets.map((target) => [name, target, c] as const));
  test.each(both)('gradients: %s, %s', async (_name, target, c) => {
    expect.hasAssertions();
    await expectLikeCpu(
      ({ x, dy, filter }: Inputs) => ({
        dx: kernel(
          'DepthwiseConv2dNativeBackpropInput',
          { dy: dy!, filter: filter! },
          { ...attrsOf(c), inputShape: c.x },
        ),
        dw: kernel(
          'DepthwiseConv2dNativeBackpropFilter',
          { x: x!, dy: dy! },
          { ...attrsOf(c), filterShape: c.filter },
        ),
      }),
      { x: c.x, dy: outputShape(c, true), filter: c.filter },
      1e-5,
      { target },
    );
  });
});

test('depthwise conv2d with channels first is that with channels last', async () => {
  // tfjs's cpu kernel knows channels last only.
  const { first, last } = await runCompiled(
    ({ x, filter }: Inputs) => {
      const run = (image: tf.Tensor, dataFormat: string): tf.Tensor =>
        kernel(
          'DepthwiseConv2dNative',
          { x: image, filter: filter! },
          { strides: [2, 1], dilations: 1, pad: 'same', dataFormat },
        );
      return {
        first: run(tf.transpose(x!, [0, 3, 1, 2]), 'NCHW'),
        last: tf.transpose(run(x!, 'NHWC'), [0, 3, 1, 2]),
      };
    },
    { x: [2, 5, 6, 3], filter: [3, 2, 3, 2] },
  );
  expect(first?.shape).toEqual([2, 6, 3, 6]);
  expect(first).toEqual(last);
});
