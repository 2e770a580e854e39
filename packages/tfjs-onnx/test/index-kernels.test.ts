// Kernels that find, count, order and place.
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import {
  bools,
  expectLikeCpu,
  floats,
  ints,
  runCompiled,
  type TestInput,
} from './support/compare-with-cpu.js';

type Fn = (x: tf.Tensor, y: tf.Tensor) => tf.Tensor | tf.Tensor[];

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

const ties = floats([2, 6], [1, 3, 3, 0, 3, -1, -5, -5, 2, -5, 2, -7]);
const whole = ints([2, 4], [7, -2, 7, 5, 0, 1, 0, -9]);

describe('topk', () => {
  const topk = (k: number, sorted = true): Fn => {
    return (x) => {
      const { values, indices } = tf.topk(x, k, sorted);
      return [values, indices];
    };
  };
  test.each([1, 2, 5, 6])('%i of each row, the first of equals first', async (k) => {
    expect.hasAssertions();
    await check(topk(k), ties);
  });
  test('int32, more axes, one, none', async () => {
    expect.hasAssertions();
    await check(topk(3), whole);
    await check(topk(2), [2, 3, 5]);
    await check(topk(1), [7]);
    await check(topk(0), [7]);
  });
  test('unsorted takes the same numbers', async () => {
    const { values, indices } = await runCompiled(
      ({ x }) => {
        const top = tf.topk(x!, 3, false);
        return { values: top.values, indices: top.indices };
      },
      { x: floats([6], [1, 3, 3, 0, 3, -1]) },
    );
    expect(values?.data).toEqual(Float32Array.of(3, 3, 3));
    expect(new Set(indices?.data)).toEqual(new Set([1, 2, 4]));
  });
});

describe('sequences', () => {
  test('range', async () => {
    expect.hasAssertions();
    const ranges: Parameters<typeof tf.range>[] = [
      [0, 5],
      [5, 0],
      [0, 5, 2],
      [0, 1, 0.1],
      [3, -4, -2],
      [0, 5, -1],
      [5, 0, 3],
      [2, 2],
      [-3, 4, 1, 'int32'],
      [0, 100000, 12345, 'int32'],
    ];
    await check((x) => [...ranges.map((range) => tf.range(...range)), x], [1]);
  });
  test('linspace', async () => {
    expect.hasAssertions();
    await check(
      (x) => [tf.linspace(0, 1, 7), tf.linspace(3, -3, 4), tf.linspace(2, 9, 1), tf.add(x, 1)],
      [1],
    );
  });
});

describe('counting', () => {
  const numbers = ints([6], [0, 3, 1, 3, 9, 0]);
  const none = (): tf.Tensor1D => tf.tensor1d([]);
  const matrix = ints([2, 3], [0, 3, 3, 5, 1, 2]);
  test('bincount', async () => {
    expect.hasAssertions();
    await check((x) => tf.bincount(x as tf.Tensor1D, none(), 4), numbers);
    await check((x) => tf.bincount(x as tf.Tensor1D, tf.tensor1d([], 'int32'), 12), numbers);
    await check((x, y) => tf.bincount(x as tf.Tensor1D, y as tf.Tensor1D, 4), numbers, [6]);
    await check(
      (x, y) => tf.bincount(x as tf.Tensor1D, y as tf.Tensor1D, 4),
      numbers,
      ints([6], [5, 1, 2, -3, 7, 1]),
    );
  });
  test('denseBincount', async () => {
    expect.hasAssertions();
    const dense = (size: number, binary = false): Fn => {
      return (x, y) => tf.denseBincount(x as tf.Tensor2D, y as tf.Tensor2D, size, binary);
    };
    await check((x) => tf.denseBincount(x as tf.Tensor2D, tf.tensor2d([], [0, 0]), 4), matrix);
    await check(dense(4), matrix, [2, 3]);
    await check(dense(4, true), matrix, [2, 3]);
    await check(dense(6, true), matrix, ints([2, 3], [1, 2, 3, 4, 5, 6]));
    await check(dense(4), numbers, [6]);
  });
  test('denseBincount of a list tells whether a number occurs, by hand', async () => {
    // tfjs's cpu backend forgets binaryOutput there.
    const { y } = await runCompiled(
      ({ x }) => ({ y: tf.denseBincount(x as tf.Tensor1D, none(), 4, true) }),
      { x: numbers },
    );
    expect(y?.data).toEqual(Float32Array.of(1, 1, 0, 1));
  });
  test('lowerBound and upperBound', async () => {
    expect.hasAssertions();
    const sorted = floats([2, 5], [0, 3, 3, 9, 10, -2, -1, -1, -1, 4]);
    const sought = floats([2, 4], [3, -1, 99, 9.5, -1, 0, -7, 4]);
    await check((x, y) => [tf.lowerBound(x, y), tf.upperBound(x, y)], sorted, sought);
    await check(
      (x, y) => [tf.lowerBound(x, y), tf.upperBound(x, y), tf.searchSorted(x, y)],
      ints([5], [0, 3, 3, 9, 10]),
      ints([3], [3, 10, 11]),
    );
  });
});

describe('running products', () => {
  test('from the last axis backwards, by hand', async () => {
    // tfjs's cpu backend loses the shape with an axis of −1.
    const { y } = await runCompiled(({ x }) => ({ y: tf.cumprod(x!, -1, true, true) }), {
      x: ints([4], [2, 3, 5, 7]),
    });
    expect(y?.data).toEqual(Int32Array.of(105, 35, 7, 1));
  });
  test('along each axis, both ways, with and without the element itself', async () => {
    expect.hasAssertions();
    for (const exclusive of [false, true]) {
      for (const reverse of [false, true]) {
        for (const axis of [0, 1, 2])
          await check((x) => tf.cumprod(x, axis, exclusive, reverse), [2, 7, 3]);
        await check((x) => tf.cumprod(x, 0, exclusive, reverse), ints([5], [1, -2, 3, 4, 5]));
      }
    }
    await check((x) => tf.cumprod(x, 0), bools([4], [1, 1, 0, 1]));
  });
});

describe('reading and adding', () => {
  test('gather in batches', async () => {
    expect.hasAssertions();
    const gather =
      (axis: number, batchDims: number): Fn =>
      (x, y) =>
        tf.gather(x, tf.cast(y, 'int32'), axis, batchDims);
    const at = ints([2, 3], [2, 0, 1, 1, 2, 2]);
    await check(gather(1, 1), [2, 4], at);
    await check(gather(1, -1), [2, 4, 3], at);
    await check(gather(2, 1), [2, 4, 3, 2], at);
    await check(gather(-1, 1), [2, 4, 3], at);
    await check(gather(2, 2), [2, 3, 4], at);
    await check(gather(1, 0), [2, 4, 2], at);
  });
  test('scatterND by a list of places', async () => {
    expect.hasAssertions();
    const list: Fn = (x, y) => tf.scatterND(tf.cast(y, 'int32'), x, [5]);
    await check(list, [4], ints([4], [4, 3, 1, 4]));
    await check((x, y) => tf.scatterND(tf.cast(y, 'int32'), x, [4, 3]), [2, 3], ints([2], [2, 0]));
  });
  test('unsortedSegmentSum leaves out segments that do not exist', async () => {
    expect.hasAssertions();
    await check(
      (x, y) => tf.unsortedSegmentSum(x, tf.cast(y, 'int32') as tf.Tensor1D, 3),
      [5, 2],
      ints([5], [2, -1, 0, 3, 2]),
    );
  });
  test('bincount of a matrix counts everything together', async () => {
    expect.hasAssertions();
    await check(
      (x) => tf.bincount(x as tf.Tensor1D, tf.tensor1d([]), 4),
      ints([2, 3], [0, 3, 3, 1, 1, 9]),
    );
  });
  test('nothing joined with nothing, and a new axis beside none', async () => {
    expect.hasAssertions();
    const nothing = floats([0, 3], []);
    await check((x) => tf.concat([x, x], 1), nothing);
    await check((x) => tf.expandDims(x, 1), nothing);
  });
});

describe('placing', () => {
  test('diag', async () => {
    expect.hasAssertions();
    await check((x) => tf.diag(x), [4]);
    await check((x) => tf.diag(x), [2, 3]);
    await check((x) => tf.diag(x), ints([2], [4, -1]));
    await check((x) => tf.diag(x), bools([3], [1, 0, 1]));
    await check((x) => tf.diag(x), floats([3], [Infinity, 1, NaN]));
  });
  test('tensorScatterUpdate', async () => {
    expect.hasAssertions();
    const update =
      (places: number[][]): Fn =>
      (x, y) =>
        tf.tensorScatterUpdate(x, tf.tensor2d(places, undefined, 'int32'), y);
    await check(update([[1], [4]]), [5, 2], [2, 2]);
    await check(
      update([
        [1, 0],
        [4, 1],
        [0, 0],
      ]),
      [5, 2],
      [3],
    );
    await check(update([[0]]), ints([2], [1, 2]), ints([1], [9]));
  });
  test('sparseToDense', async () => {
    expect.hasAssertions();
    const dense =
      (places: tf.TensorLike, shape: number[], rest: number | boolean = 0): Fn =>
      (x) =>
        tf.sparseToDense(
          tf.tensor(places, undefined, 'int32'),
          x,
          shape,
          tf.scalar(rest, x.dtype as 'float32'),
        );
    await check(dense([0, 3, 1], [5]), [3]);
    await check(dense([0, 3, 1], [5], -2), floats([], [7]));
    await check(dense(2, [5], 1), floats([], [7]));
    await check(
      dense(
        [
          [0, 1],
          [1, 2],
        ],
        [2, 3],
        4,
      ),
      ints([2], [8, 9]),
    );
    await check(dense([1, 2], [4], true), bools([2], [0, 1]));
  });
  test('sparseReshape', async () => {
    expect.hasAssertions();
    const reshape =
      (from: number[], to: number[]): Fn =>
      (x) => {
        const { outputIndices, outputShape } = tf.sparse.sparseReshape(
          x as tf.Tensor2D,
          tf.tensor1d(from, 'int32'),
          tf.tensor1d(to, 'int32'),
        ) as Record<string, tf.Tensor>;
        return [outputIndices!, outputShape!];
      };
    const places = ints([3, 3], [0, 0, 0, 1, 2, 5, 0, 1, 4]);
    await check(reshape([2, 3, 6], [9, 4]), places);
    await check(reshape([2, 3, 6], [9, -1]), places);
    await check(reshape([2, 3, 6], [-1]), places);
    await check(reshape([2, 3, 6], [2, 3, 6]), places);
    await check(reshape([2, 3, 6], [1, -1, 2, 2]), places);
  });
  test('broadcastArgs', async () => {
    expect.hasAssertions();
    const both: Fn = (x, y) => [tf.broadcastArgs(x, y), tf.broadcastArgs(y, x)];
    await check(both, ints([3], [4, 1, 1]), ints([3], [1, 5, 1]));
    await check(both, ints([3], [4, 1, 6]), ints([1], [1]));
    await check(both, ints([2], [0, 2]), ints([2], [1, 2]));
  });
});

describe('bits and angles', () => {
  test('bitwiseAnd', async () => {
    expect.hasAssertions();
    const values = [0, 1, -1, 5, -6, 2147483647, -2147483648, 123456789];
    const [x, y] = [values, values.toReversed()];
    await check((a, b) => tf.bitwiseAnd(a, b), ints([8], x), ints([8], y));
    await check((a, b) => tf.bitwiseAnd(a, b), ints([2, 4], x), ints([2, 4], values.with(0, 7)));
  });
  test('atan2 in every quadrant, on the axes and at infinity', async () => {
    expect.hasAssertions();
    const values = [0, -0, 1, -1, 0.3, -2, Infinity, -Infinity, 1e-30, -1e30];
    await check((x, y) => tf.atan2(x, y), floats([10, 1], values), floats([10], values));
    await check((x, y) => tf.atan2(x, y), [2, 3], [3]);
    await check((x, y) => tf.atan2(x, y), ints([3], [1, -2, 0]), ints([3], [-3, 0, -1]));
  });
});

describe('non-maximum suppression', () => {
  // Two clusters and a box on its own; the second and fourth overlap the first and third.
  const boxes = floats(
    [5, 4],
    [0, 0, 2, 2, 0.2, 0, 2.2, 2, 5, 5, 7, 7, 7.1, 7, 5, 5.1, 0, 8, 1, 9],
  );
  const scores = floats([5], [0.7, 0.9, 0.3, 0.6, 0.1]);
  const suppress =
    (most: number, overlap?: number, least?: number): Fn =>
    (x, y) => {
      const { selectedIndices, validOutputs } = tf.image.nonMaxSuppressionPadded(
        x as tf.Tensor2D,
        y as tf.Tensor1D,
        most,
        overlap,
        least,
        true,
      ) as Record<string, tf.Tensor>;
      return [selectedIndices!, validOutputs!];
    };
  test.each([
    [5, 0.5, undefined],
    [2, 0.5, undefined],
    [5, 0.95, undefined],
    [5, 0.5, 0.2],
    [5, 0.5, 0.95],
    [4, 9 / 11, undefined], // the overlap of the first two: 3.6 / 4.4
  ])('%i at most, overlap below %d, scores above %d', async (most, overlap, least) => {
    expect.hasAssertions();
    await check(suppress(most, overlap, least), boxes, scores);
  });
});

describe('sampling', () => {
  test('draws the categories that given uniform numbers stand for, by hand', async () => {
    // What a backend does: tf.multinomial gives the kernel no uniform numbers.
    const { y } = await runCompiled(
      ({ logits, uniforms }) => ({
        y: tf
          .engine()
          .runKernel(
            'Multinomial',
            { logits: logits!, uniforms: uniforms! },
            { numSamples: 4, normalized: true, seed: 1 },
          ),
      }),
      {
        logits: floats([2, 3], [0.25, 0.5, 0.25, 0, 0, 1]),
        uniforms: floats([2, 4], [0, 0.3, 0.75, 0.99, 0, 0.5, 0.7, 0.1]),
      },
    );
    expect(y).toEqual({
      shape: [2, 4],
      dtype: 'int32',
      data: Int32Array.of(0, 1, 2, 2, 2, 2, 2, 2),
    });
  });
  test('of logits', async () => {
    const { y } = await runCompiled(
      ({ logits, uniforms }) => ({
        y: tf
          .engine()
          .runKernel(
            'Multinomial',
            { logits: logits!, uniforms: uniforms! },
            { numSamples: 3, normalized: false, seed: 1 },
          ),
      }),
      {
        logits: floats([1, 2], [Math.log(1), Math.log(3)]),
        uniforms: floats([1, 3], [0.24, 0.26, 0.9]),
      },
    );
    expect(y?.data).toEqual(Int32Array.of(0, 1, 1));
  });
});
