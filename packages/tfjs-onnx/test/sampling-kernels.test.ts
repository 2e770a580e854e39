// Images cut out, seen through maps, and turned.
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { expectLikeCpu, floats, ints, runBoth } from './support/compare-with-cpu.js';

describe('cropAndResize', () => {
  const boxes = floats(
    [5, 4],
    [
      0, 0, 1, 1, 0.21, 0.13, 0.72, 0.88, 0.83, 0.94, 0.12, 0.23, -0.31, 0.22, 0.64, 1.43, 0, 0, 1,
      1,
    ],
  );
  const owners = ints([5], [0, 1, 1, 0, 7]); // the last image does not exist
  const sizes: [number, number][] = [
    [4, 3],
    [1, 1],
    [7, 1],
    [1, 5],
  ];
  test.each(sizes)('%i × %i', async (...size) => {
    expect.hasAssertions();
    for (const method of ['bilinear', 'nearest'] as const) {
      await expectLikeCpu(
        ({ x, at, image }) => ({
          y: tf.image.cropAndResize(
            x as tf.Tensor4D,
            at as tf.Tensor2D,
            image as tf.Tensor1D,
            size,
            method,
            0.25,
          ),
        }),
        { x: [2, 5, 6, 3], at: boxes, image: owners },
      );
    }
  });
});

describe('transform', () => {
  const maps: readonly [string, number[]][] = [
    ['shift', [1, 0, 1.25, 0, 1, -2.5, 0, 0]],
    ['shift far', [1, 0, 13.2, 0, 1, -17.4, 0, 0]],
    ['turn and scale', [0.83, -0.71, 1.37, 0.59, 0.93, -0.23, 0, 0]],
    ['perspective', [1, 0.1, 0.2, -0.1, 1, 0.3, 0.05, -0.07]],
    ['perspective through infinity', [1, 0, 0, 0, 1, 0, -0.5, 0]],
  ];
  test.each(maps)('%s', async (_name, map) => {
    expect.hasAssertions();
    for (const fillMode of ['constant', 'reflect', 'wrap', 'nearest'] as const) {
      for (const interpolation of ['nearest', 'bilinear'] as const) {
        for (const size of [undefined, [3, 8] as [number, number]]) {
          await expectLikeCpu(
            ({ x, t }) => ({
              y: tf.image.transform(
                x as tf.Tensor4D,
                t as tf.Tensor2D,
                interpolation,
                fillMode,
                0.75,
                size,
              ),
            }),
            { x: [1, 5, 6, 2], t: floats([1, 8], map) },
            1e-4,
          );
        }
      }
    }
  });
  test('one map for each image, or one for all', async () => {
    // tfjs's cpu kernel stops after the first image: it does them one by one here.
    const all = floats([2, 8], [...(maps[0]?.[1] ?? []), ...(maps[2]?.[1] ?? [])]);
    const single = (x: tf.Tensor, t: tf.Tensor): tf.Tensor =>
      tf.image.transform(x as tf.Tensor4D, t as tf.Tensor2D, 'bilinear', 'reflect');
    const inputs = { x: [2, 5, 6, 2], t: all };
    const { compiled } = await runBoth(
      ({ x, t }) => ({ each: single(x!, t!), one: single(x!, tf.slice(t!, 0, 1)) }),
      inputs,
    );
    const { eager } = await runBoth(({ x, t }) => {
      const [x0, x1] = tf.split(x!, 2);
      const [t0, t1] = tf.split(t!, 2);
      return {
        each: tf.concat([single(x0!, t0!), single(x1!, t1!)]),
        one: tf.concat([single(x0!, t0!), single(x1!, t0!)]),
      };
    }, inputs);
    for (const name of ['each', 'one']) {
      expect(compiled[name]?.shape).toEqual(eager[name]?.shape);
      eager[name]?.data.forEach((value, i) =>
        expect(compiled[name]?.data[i]).toBeCloseTo(value, 4),
      );
    }
  });
});

describe('turning images', () => {
  test('flipLeftRight', async () => {
    expect.hasAssertions();
    await expectLikeCpu(({ x }) => ({ y: tf.image.flipLeftRight(x as tf.Tensor4D) }), {
      x: [2, 3, 5, 3],
    });
  });
  test('rotateWithOffset', async () => {
    expect.hasAssertions();
    const fills = [0, 0.5, [0.1, 0.2, 0.3]] as (number | [number, number, number])[];
    const centers = [0.5, [0.2, 0.9]] as (number | [number, number])[];
    for (const fill of fills) {
      for (const center of centers) {
        for (const channels of [3, 4]) {
          await expectLikeCpu(
            ({ x }) => ({ y: tf.image.rotateWithOffset(x as tf.Tensor4D, 0.7, fill, center) }),
            { x: [2, 5, 6, channels] },
          );
        }
      }
    }
  });
});
