import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { expectClose, expectLikeCpu, runBoth, runCompiled } from './support/compare-with-cpu.js';
import {
  attrsOf,
  type ConvCase,
  convCases,
  type Inputs,
  kernel,
  outputShape,
} from './support/convolutions.js';

describe('conv2d in its other forms', () => {
  const wide: readonly [string, ConvCase][] = [
    ['16 to 32 channels', { x: [2, 6, 7, 16], filter: [5, 3, 16, 32], pad: 'same' }],
    ['32 to 20 channels', { x: [2, 6, 7, 32], filter: [3, 3, 32, 20], pad: 'valid' }],
    ['3 to 16 channels', { x: [1, 12, 11, 3], filter: [10, 10, 3, 16], strides: 2, pad: 'same' }],
    [
      '16 to 16 channels, stride 2, dilated',
      { x: [2, 12, 11, 16], filter: [4, 4, 16, 16], dilations: 2, pad: 'same' },
    ],
    ['7 x 7, wide borders', { x: [2, 6, 9, 16], filter: [7, 7, 16, 32], pad: 'same' }],
    ['4 x 4, stride 2', { x: [2, 8, 6, 16], filter: [4, 4, 16, 32], strides: 2, pad: 1 }],
    [
      '5 x 5, stride 2, last row unread',
      { x: [2, 12, 10, 20], filter: [5, 5, 20, 16], strides: 2, pad: 'valid' },
    ],
    [
      '3 x 5, stride 3 x 2, odd sizes',
      { x: [2, 11, 9, 16], filter: [3, 5, 16, 12], strides: [3, 2], pad: 'same' },
    ],
    ['many to few channels', { x: [2, 6, 7, 12], filter: [3, 4, 12, 3], pad: 'same' }],
    [
      'many to few channels, dilated',
      { x: [2, 8, 8, 12], filter: [3, 3, 12, 2], dilations: 2, pad: 'same' },
    ],
    ['20 to 3 channels, 5 x 4', { x: [2, 6, 7, 20], filter: [5, 4, 20, 3], pad: 'same' }],
  ];
  const targets = ['cpu', 'portable'] as const;
  const both = targets.flatMap((target) => wide.map(([name, c]) => [name, target, c] as const));
  test.each(both)('%s, %s', async (_name, target, c) => {
    expect.hasAssertions();
    await expectLikeCpu(
      ({ x, filter, bias }: Inputs) => ({
        y: kernel('Conv2D', { x: x!, filter: filter! }, attrsOf(c)),
        biased: tf.add(kernel('Conv2D', { x: x!, filter: tf.neg(filter!) }, attrsOf(c)), bias!),
      }),
      { x: c.x, filter: c.filter, bias: [c.filter[3]] },
      1e-4,
      { target },
    );
  });
  test.each(both.filter(([, , { dilations }]) => dilations === undefined))(
    'gradient of the image: %s, %s',
    async (_name, target, c) => {
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
        1e-4,
        { target },
      );
    },
  );
  test.each(convCases)('portable, with gradients: %s', async (_name, c) => {
    const fn = ({ x, dy, filter }: Inputs): Record<string, tf.Tensor> => ({
      y: kernel('Conv2D', { x: x!, filter: filter! }, attrsOf(c)),
      dx: kernel(
        'Conv2DBackpropInput',
        { dy: dy!, filter: filter! },
        { ...attrsOf(c), inputShape: c.x },
      ),
      dw: kernel(
        'Conv2DBackpropFilter',
        { x: x!, dy: dy! },
        { ...attrsOf(c), filterShape: c.filter },
      ),
    });
    const inputs = { x: c.x, dy: outputShape(c), filter: c.filter };
    const { eager } = await runBoth(fn, inputs);
    const portable = await runCompiled(fn, inputs, { target: 'portable' });
    for (const name of ['y', 'dx', 'dw']) {
      expectClose(name, portable[name]?.data ?? [], eager[name]?.data ?? [], 1e-5);
    }
  });
  test('a product that is read elsewhere keeps its bias apart', async () => {
    expect.hasAssertions();
    await expectLikeCpu(
      ({ x, filter, bias, dense, shift }: Inputs) => {
        const y = tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same');
        const z = tf.matMul(tf.reshape(x!, [2, 48]), dense!);
        return {
          y,
          biased: tf.add(bias!, y),
          z,
          shifted: tf.add(z, shift!),
          fused: tf.add(tf.matMul(dense!, z, true, true), bias!),
        };
      },
      { x: [2, 4, 4, 3], filter: [3, 3, 3, 2], bias: [2], dense: [48, 48], shift: [48] },
    );
  });
});

describe('layouts', () => {
  test('a value stays with channels first between convolutions, whatever lies between', async () => {
    expect.hasAssertions();
    await expectLikeCpu(
      ({ x, w, v, bias, noise }: Inputs) => {
        const first = tf.add(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same'), bias!);
        const cut = tf.slice(tf.pad(tf.relu(first), [[0, 0], [1, 0], [0, 2], [0, 0]]), [0, 1, 0, 0], [2, 6, 8, 4]); // prettier-ignore
        const parts = tf.split(
          tf.concat([cut, tf.reverse(cut, 2), tf.tile(noise!, [1, 6, 8, 1])], 3),
          [4, 5],
          3,
        );
        const scaled = tf.mul(
          tf.add(
            parts[0]!,
            tf.slice(tf.mean(parts[1]!, [1, 2], true), [0, 0, 0, 1], [-1, 1, 1, 4]),
          ),
          0.5,
        );
        const where = tf.where(tf.greater(scaled, 0), scaled, tf.mul(scaled, tf.ones([6, 1, 4])));
        const second = tf.conv2d(where as tf.Tensor4D, v as tf.Tensor4D, 2, 'valid');
        return {
          second,
          perChannel: tf.sum(second, [0, 1, 2]),
          perRow: tf.max(second, [0, 2]),
          flat: tf.reshape(second, [2, -1]),
          channelsFirst: tf.transpose(second, [0, 3, 1, 2]),
          mirrored: tf.mirrorPad(second, [[0, 0], [1, 1], [0, 1], [0, 0]], 'reflect'), // prettier-ignore
          gathered: tf.gather(second, tf.tensor1d([1, 0], 'int32'), 3),
        };
      },
      { x: [2, 6, 6, 3], w: [3, 3, 3, 4], v: [3, 3, 4, 3], bias: [4], noise: [2, 1, 1, 1] },
    );
  });
});
