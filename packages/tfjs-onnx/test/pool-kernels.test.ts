import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import {
  expectClose,
  expectLikeCpu,
  floats,
  runBoth,
  runCompiled,
} from './support/compare-with-cpu.js';
import { type Inputs, kernel, type Pad } from './support/convolutions.js';

interface PoolCase {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: Pad;
  readonly dimRoundingMode?: 'floor' | 'ceil';
}

const poolCases: readonly [string, PoolCase][] = [
  ['2 x 2', { filterSize: 2, strides: 2, pad: 'valid' }],
  ['3 x 2, overlapping', { filterSize: [3, 2], strides: 1, pad: 'valid' }],
  ['same', { filterSize: 3, strides: 2, pad: 'same' }],
  ['padding by a number', { filterSize: 3, strides: 2, pad: 1 }],
  ['rounded up', { filterSize: 2, strides: 2, pad: 0, dimRoundingMode: 'ceil' }],
];

describe('pools', () => {
  const x = [2, 7, 6, 3] as const;
  const shapeOf = (c: PoolCase): number[] =>
    tf.backend_util.computePool2DInfo([...x], c.filterSize, c.strides, 1, c.pad, c.dimRoundingMode)
      .outShape;
  test.each(poolCases)('%s', async (_name, c) => {
    expect.hasAssertions();
    await expectLikeCpu(
      (inputs) => ({
        max: kernel('MaxPool', { x: inputs['x']! }, c),
        mean: kernel('AvgPool', { x: inputs['x']! }, c),
      }),
      { x },
    );
  });
  test.each(poolCases)('gradient of the largest value: %s', async (_name, c) => {
    expect.hasAssertions();
    await expectLikeCpu(
      ({ dy, input }: Inputs) => ({
        dx: kernel(
          'MaxPoolGrad',
          { dy: dy!, input: input!, output: kernel('MaxPool', { x: input! }, c) },
          c,
        ),
      }),
      { dy: shapeOf(c), input: x },
    );
  });
  test('padding as large as the window', async () => {
    expect.hasAssertions();
    const c = { filterSize: [2, 3], strides: 2, pad: 2 };
    await expectLikeCpu(
      ({ input }: Inputs) => {
        const output = kernel('MaxPool', { x: input! }, c);
        const dy = tf.sin(tf.maximum(output, -9)); // a window of padding alone has −∞
        return { output, dx: kernel('MaxPoolGrad', { dy, input: input!, output }, c) };
      },
      { input: x },
    );
    // By hand: tfjs's cpu kernel divides by zero where a window is padding alone, its kernel of volumes does not.
    const { mean } = await runCompiled(
      ({ input }: Inputs) => ({
        mean: kernel('AvgPool', { x: input! }, { filterSize: 2, strides: 1, pad: 2 }),
      }),
      { input: floats([1, 1, 2, 1], [3, 5]) },
    );
    const row = [0, 3, 4, 5, 0];
    expect(mean?.data).toEqual(Float32Array.of(0, 0, 0, 0, 0, ...row, ...row, 0, 0, 0, 0, 0));
  });
  test('of equal values, the first gets the gradient', async () => {
    expect.hasAssertions();
    const c = { filterSize: 2, strides: 2, pad: 'valid' };
    await expectLikeCpu(
      ({ dy, input }: Inputs) => ({
        dx: kernel('MaxPoolGrad', { dy: dy!, input: input!, output: dy! }, c),
      }),
      { dy: [1, 2, 2, 1], input: floats([1, 4, 4, 1], new Array<number>(16).fill(0.5)) },
    );
  });
  test.each(poolCases)('gradient of the mean: %s', async (_name, c) => {
    // tfjs's own gradient divides by the whole window at the border, so the mean is differentiated by finite differences.
    const mean = ({ input }: Inputs): Record<string, tf.Tensor> => ({
      y: kernel('AvgPool', { x: input! }, c),
    });
    const { compiled } = await runBoth(
      ({ dy, input }: Inputs) => ({ dx: kernel('AvgPoolGrad', { dy: dy!, input: input! }, c) }),
      { dy: shapeOf(c), input: x },
    );
    const dy = (await runBoth(({ dy: same }) => ({ dy: tf.add(same!, 0) }), { dy: shapeOf(c) }))
      .eager['dy'];
    const size = x.reduce((a, b) => a * b, 1);
    const want = new Float32Array(size);
    // Pooling is linear: the derivative by one pixel is the pool of an image with that pixel alone.
    tf.tidy(() => {
      for (let i = 0; i < size; i += 5) {
        const one = tf.tensor(
          Float32Array.from({ length: size }, (_, at) => Number(at === i)),
          [...x],
        );
        const pooled = mean({ input: one })['y']!.dataSync<'float32'>();
        want[i] = pooled.reduce((sum, value, at) => sum + value * (dy?.data[at] ?? 0), 0);
      }
    });
    const got = (compiled['dx']?.data ?? new Float32Array()).filter((_, i) => i % 5 === 0);
    expectClose(
      'dx',
      got,
      want.filter((_, i) => i % 5 === 0),
      1e-5,
    );
  });
});
