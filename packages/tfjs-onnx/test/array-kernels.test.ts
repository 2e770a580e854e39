import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import {
  bools,
  expectLikeCpu,
  floats,
  ints,
  runBoth,
  runCompiled,
  type TestInput,
} from './support/compare-with-cpu.js';

type Fn = (x: tf.Tensor, y: tf.Tensor) => tf.Tensor | tf.Tensor[];

const image = [2, 4, 5, 3];
const numbers = ints([2, 3], [1, 2, 3, 4, 5, 6]);
const truth = bools([2, 3], [0, 1, 1, 0, 0, 0]);

async function check(fn: Fn, x: TestInput, y: TestInput = []): Promise<void> {
  await expectLikeCpu(
    (inputs) => {
      const out = fn(inputs['x']!, inputs['y']!);
      const list = Array.isArray(out) ? out : [out];
      return Object.fromEntries(list.map((tensor, i) => [`out${i}`, tensor]));
    },
    { x, y },
  );
}

describe('shape', () => {
  const cases: readonly [string, Fn, TestInput?][] = [
    ['reshape', (x) => tf.reshape(x, [2, 60])],
    ['reshape with -1', (x) => tf.reshape(x, [-1, 3])],
    ['reshape int32', (x) => tf.reshape(x, [3, 2]), numbers],
    ['expandDims', (x) => tf.expandDims(x, 1)],
    ['expandDims at the end', (x) => tf.expandDims(x, -1)],
    ['squeeze', (x) => tf.squeeze(tf.expandDims(x, 0))],
    ['transpose', (x) => tf.transpose(x, [3, 1, 0, 2])],
    ['transpose by default', (x) => tf.transpose(x)],
    ['transpose twice', (x) => tf.transpose(tf.transpose(x, [0, 3, 1, 2]), [0, 2, 3, 1])],
    ['transpose bool', (x) => tf.transpose(x), truth],
    ['flatten', (x) => tf.reshape(x, [-1])],
    ['tile', (x) => tf.tile(x, [2, 1, 3, 1])],
    ['tile int32', (x) => tf.tile(x, [2, 2]), numbers],
    ['broadcastTo', (x) => tf.broadcastTo(x, [3, 2, 3]), [2, 1]],
    ['fill', () => tf.fill([2, 3], 7)],
    ['fill int32', () => tf.fill([2, 3], 7, 'int32')],
    [
      'zeros, ones and a tensor of numbers',
      (x) => tf.add(x, tf.add(tf.ones([3]), tf.tensor1d([1, 2, 3]))),
    ],
  ];
  test.each(cases)('%s', async (_name, fn, x = image) => {
    expect.hasAssertions();
    await check(fn, x);
  });
});

describe('joining and splitting', () => {
  const cases: readonly [string, Fn, TestInput?, TestInput?][] = [
    ['concat', (x, y) => tf.concat([x, y, x], 1), [2, 3, 4], [2, 1, 4]],
    ['concat, last axis', (x, y) => tf.concat([x, y], -1), [2, 3, 4], [2, 3, 1]],
    ['concat, channels', (x, y) => tf.concat([x, y, x], 3), [2, 3, 4, 1], [2, 3, 4, 3]],
    ['concat, channels of a pixel', (x, y) => tf.concat([x, y], 3), [3, 1, 1, 2], [3, 1, 1, 5]],
    ['concat int32', (x) => tf.concat([x, x], 0), numbers],
    ['concat bool', (x) => tf.concat([x, x], 1), truth],
    ['stack', (x, y) => tf.stack([x, y]), [2, 3], [2, 3]],
    ['stack, last axis', (x, y) => tf.stack([x, y], -1), [2, 3], [2, 3]],
    ['unstack', (x) => tf.unstack(x, 1), [2, 3, 4]],
    ['split evenly', (x) => tf.split(x, 2, 1)],
    ['split by sizes', (x) => tf.split(x, [1, 3, 1], 2)],
  ];
  test.each(cases)('%s', async (_name, fn, x = image, y) => {
    expect.hasAssertions();
    await check(fn, x, y);
  });
});

describe('slices', () => {
  const cases: readonly [string, Fn, TestInput?][] = [
    ['slice', (x) => tf.slice(x, [0, 1, 2, 0], [2, 2, 3, 1])],
    ['slice to the end', (x) => tf.slice(x, [1, 1], [-1, 2])],
    ['slice of everything', (x) => tf.slice(x, [0], [2])],
    ['slice int32', (x) => tf.slice(x, [0, 1], [2, 2]), numbers],
    ['slice bool', (x) => tf.slice(x, [0, 1], [1, 2]), truth],
    ['stridedSlice', (x) => tf.stridedSlice(x, [0, 0, 1, 0], [2, 4, 5, 3], [1, 2, 3, 1])],
    [
      'stridedSlice backwards',
      (x) => tf.stridedSlice(x, [0, 3, 4, 0], [2, 0, 0, 3], [1, -1, -2, 1]),
    ],
    [
      'stridedSlice backwards to the start',
      (x) => tf.stridedSlice(x, [0, 3], [2, 0], [1, -1], 0, 2),
    ],
    ['stridedSlice, ellipsis', (x) => tf.stridedSlice(x, [1, 0, 1], [2, 0, 2], [1, 1, 1], 0, 0, 2)],
    [
      'stridedSlice, new axis and one less',
      (x) => tf.stridedSlice(x, [1, 0, 1], [2, 0, 2], [1, 1, 1], 0, 0, 0, 2, 4),
    ],
    [
      'stridedSlice with masks',
      (x) => tf.stridedSlice(x, [1, 9, 0, 1], [2, 0, 4, 2], [1, 1, 2, 1], 2, 2),
    ],
    ['reverse', (x) => tf.reverse(x, [1, 3])],
    ['reverse everything', (x) => tf.reverse(x)],
    ['reverse int32', (x) => tf.reverse(x, 1), numbers],
    ['gather', (x) => tf.gather(x, tf.tensor1d([2, 0, 2], 'int32'), 1)],
    [
      'gather by a matrix',
      (x) =>
        tf.gather(
          x,
          tf.tensor2d(
            [
              [2, 0],
              [1, 1],
            ],
            [2, 2],
            'int32',
          ),
          2,
        ),
    ],
  ];
  test.each(cases)('%s', async (_name, fn, x = image) => {
    expect.hasAssertions();
    await check(fn, x);
  });
  test('stridedSlice with steps and one axis less', async () => {
    // tfjs's cpu kernel fails when an axis goes and another is stepped over.
    const x = [2, 4, 5, 3];
    const less = await runCompiled(
      ({ x: input }) => ({ y: tf.stridedSlice(input!, [1, 0], [2, 4], [1, 2], 0, 0, 0, 0, 1) }),
      { x },
    );
    const { eager } = await runBoth(
      ({ x: input }) => ({
        y: tf.reshape(tf.stridedSlice(input!, [1, 0], [2, 4], [1, 2]), [2, 5, 3]),
      }),
      { x },
    );
    expect(less['y']).toEqual(eager['y']);
  });
  test('gather by an input', async () => {
    expect.hasAssertions();
    await check((x, y) => tf.gather(x, tf.cast(y, 'int32')), [5, 2], ints([3], [4, 0, 4]));
  });
  test('gatherND, scatterND and unsortedSegmentSum', async () => {
    expect.hasAssertions();
    const places = ints([3, 2], [1, 0, 4, 1, 1, 0]);
    await check((x, y) => tf.gatherND(x, tf.cast(y, 'int32')), [5, 2], places);
    await check((x, y) => tf.gatherND(x, tf.cast(y, 'int32')), [5, 2, 3], places);
    await check((x, y) => tf.scatterND(tf.cast(y, 'int32'), x, [5, 2]), [3], places);
    await check(
      (x, y) => tf.unsortedSegmentSum(x, tf.cast(y, 'int32') as tf.Tensor1D, 4),
      [5, 2],
      ints([5], [3, 0, 3, 1, 0]),
    );
  });
  test('oneHot', async () => {
    expect.hasAssertions();
    await check((x) => tf.oneHot(tf.cast(x, 'int32'), 4), ints([2, 2], [0, 3, 1, 9]));
    await check((x) => tf.oneHot(tf.cast(x, 'int32'), 3, 0.9, 0.05), ints([3], [0, 2, 1]));
    await check((x) => tf.oneHot(tf.cast(x, 'int32'), 3, 1, 0, 'int32'), ints([3], [0, 2, 1]));
    await check((x) => tf.oneHot(tf.cast(x, 'int32'), 3, 1, 0, 'bool'), ints([3], [0, 2, 1]));
  });
});

describe('padding', () => {
  const cases: readonly [string, Fn, TestInput?][] = [
    [
      'pad',
      (x) =>
        tf.pad(x, [
          [0, 0],
          [1, 2],
          [0, 3],
          [0, 0],
        ]),
    ],
    [
      'pad with a value',
      (x) =>
        tf.pad(
          x,
          [
            [1, 0],
            [1, 2],
            [0, 3],
            [0, 1],
          ],
          0.5,
        ),
    ],
    [
      'pad int32',
      (x) =>
        tf.pad(
          x,
          [
            [1, 0],
            [0, 2],
          ],
          3,
        ),
      numbers,
    ],
    [
      'mirrorPad reflect',
      (x) =>
        tf.mirrorPad(
          x,
          [
            [0, 0],
            [2, 1],
            [3, 2],
            [0, 0],
          ],
          'reflect',
        ),
    ],
    [
      'mirrorPad symmetric',
      (x) =>
        tf.mirrorPad(
          x,
          [
            [1, 0],
            [2, 1],
            [3, 2],
            [0, 1],
          ],
          'symmetric',
        ),
    ],
  ];
  test.each(cases)('%s', async (_name, fn, x = image) => {
    expect.hasAssertions();
    await check(fn, x);
  });
});

describe('reductions', () => {
  const ops = [
    ['sum', tf.sum],
    ['mean', tf.mean],
    ['prod', tf.prod],
    ['max', tf.max],
    ['min', tf.min],
  ] as const;
  test.each(ops)('%s', async (_name, op) => {
    expect.hasAssertions();
    await check((x) => op(x), image);
    await check((x) => op(x, 1), image);
    await check((x) => op(x, [-1, 0], true), image);
    await check((x) => op(x, [1, 2]), image);
    await check((x) => op(x, 0, true), [1, 3]);
    await check((x) => op(x, 1), numbers);
  });
  test('of bool tensors', async () => {
    expect.hasAssertions();
    await check((x) => tf.sum(x, 1), truth);
    await check((x) => tf.mean(x), truth);
    await check((x) => tf.all(x, 1), truth);
    await check((x) => tf.any(x, 1, true), truth);
    await check((x) => tf.all(x), truth);
  });
  test('argMax and argMin take the first of equals', async () => {
    expect.hasAssertions();
    const ties = floats([2, 4], [1, 3, 3, 0, -1, -1, -5, -5]);
    await check((x) => tf.argMax(x, 1), ties);
    await check((x) => tf.argMin(x, -1), ties);
    await check((x) => tf.argMax(x, 0), image);
    await check((x) => tf.argMax(x, 1), numbers);
  });
  test('cumsum', async () => {
    expect.hasAssertions();
    for (const exclusive of [false, true]) {
      for (const reverse of [false, true])
        await check((x) => tf.cumsum(x, 1, exclusive, reverse), [2, 4, 3]);
    }
    await check((x) => tf.cumsum(x, 1), numbers);
  });
  test('softmax and logSoftmax', async () => {
    expect.hasAssertions();
    await check((x) => tf.softmax(x), [3, 5]);
    await check((x) => tf.logSoftmax(x), [3, 5]);
    await check((x) => tf.logSumExp(x, 1), [3, 5]);
    await check((x) => tf.moments(x, [0, 1]).variance, [3, 5]);
  });
});

describe('products', () => {
  const transposes = [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ] as const;
  test.each(transposes)('matMul, transposes %s and %s', async (ta, tb) => {
    expect.hasAssertions();
    await check((x, y) => tf.matMul(x, y, ta, tb), ta ? [4, 3] : [3, 4], tb ? [5, 4] : [4, 5]);
    await check(
      (x, y) => tf.matMul(x, y, ta, tb),
      ta ? [2, 4, 3] : [2, 3, 4],
      tb ? [2, 5, 4] : [2, 4, 5],
    );
    await check(
      (x, y) => tf.matMul(x, y, ta, tb),
      ta ? [1, 4, 3] : [1, 3, 4],
      tb ? [6, 5, 4] : [6, 4, 5],
    );
  });
  test('dot and einsum', async () => {
    expect.hasAssertions();
    await check((x, y) => tf.dot(x, y), [4], [4]);
    await check((x, y) => tf.einsum('bij, bjk -> bik', x, y), [2, 3, 4], [2, 4, 5]);
    await check((x) => tf.einsum('ij->j', x), [3, 4]);
  });
  test('fused matMul', async () => {
    expect.hasAssertions();
    for (const activation of [
      'linear',
      'relu',
      'relu6',
      'elu',
      'sigmoid',
      'leakyrelu',
      'prelu',
    ] as const) {
      await expectLikeCpu(
        ({ a, b, bias, alpha }) => ({
          y: tf.fused.matMul({
            a: a!,
            b: b!,
            bias: bias!,
            transposeB: true,
            activation,
            ...(activation === 'prelu' ? { preluActivationWeights: alpha! } : {}),
            leakyreluAlpha: 0.3,
          }),
        }),
        { a: [3, 4], b: [5, 4], bias: [5], alpha: [1, 5] },
      );
    }
  });
});
