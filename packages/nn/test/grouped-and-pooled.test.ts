// Grouped convolution and pooling over planes: by hand, by a full convolution with zeros, by finite differences, compiled.
import { conv2d, featureLpPool, inference, type Module, valueAndGrads } from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { compiled } from './compiled.js';
import { expectClose, finiteDifferences, seeded, type Stored, values } from './numbers.js';

beforeAll(() => tf.setBackend('cpu'));

const stored = (tensor: tf.Tensor): Stored => ({ shape: tensor.shape, data: values(tensor) });

/** Value and gradients of Σ y·(numbers), by the given tensors; `x` is the input. */
function probe(
  module: Module,
  given: Readonly<Record<string, tf.Tensor>>,
): Record<string, tf.Tensor> {
  const { aux, gradients } = valueAndGrads(({ x, ...state }) => {
    const y = module.apply(state, x!, inference);
    return { loss: tf.sum(tf.mul(y, seeded(y.shape, 99))), aux: { y } };
  }, given);
  return {
    y: aux['y']!,
    ...Object.fromEntries(Object.entries(gradients).map(([name, g]) => [`d${name}`, g])),
  };
}

describe('conv2d with groups', () => {
  it('has one group see its own planes only, worked by hand', () => {
    // Two groups of two planes into one: planes 0 and 1 by (1, 2), planes 2 and 3 by (10, 20); bias 0.5 and −1.
    const module = conv2d({ in: 4, out: 2, kernel: 1, groups: 2 });
    expect(module.state['weight']?.shape).toEqual([1, 1, 2, 2]);
    const weight = tf.tensor4d([1, 10, 2, 20], [1, 1, 2, 2]); // [in of a group, out]
    const bias = tf.tensor1d([0.5, -1]);
    const x = tf.tensor4d([1, 2, 3, 4], [1, 1, 1, 4]);
    expect(values(module.apply({ weight, bias }, x, inference))).toEqual([5.5, 109]);
  });

  it('counts the inputs of one output for the initial weights', () => {
    const { state } = conv2d({ in: 8, out: 4, kernel: 5, groups: 2 });
    expect(state['weight']).toMatchObject({
      shape: [5, 5, 4, 4],
      initial: { uniform: [-0.1, 0.1] },
    });
  });

  it.each([
    { in: 6, out: 4, kernel: 3, groups: 2, padding: 1 },
    { in: 6, out: 9, kernel: 3, groups: 3, stride: 2, padding: 'valid' },
    { in: 4, out: 4, kernel: 3, groups: 4, dilation: 2, padding: 'same' },
  ] as const)('is a full convolution with zeros between groups: %o', async (options) => {
    const { in: planes, out, kernel, groups } = options;
    const module = conv2d(options);
    const x = seeded([2, 6, 5, planes], 1);
    const weight = seeded([kernel, kernel, planes / groups, out], 2);
    const bias = seeded([out], 3);
    const got = probe(module, { x, weight, bias });

    const dense = tf.buffer([kernel, kernel, planes, out]);
    const source = weight.bufferSync();
    for (let i = 0; i < kernel; i++)
      for (let j = 0; j < kernel; j++)
        for (let o = 0; o < out; o++)
          for (let p = 0; p < planes / groups; p++) {
            const group = Math.floor(o / (out / groups));
            dense.set(source.get(i, j, p, o) as number, i, j, group * (planes / groups) + p, o);
          }
    const { groups: _one, ...full } = options;
    const want = probe(conv2d(full), { x, weight: dense.toTensor(), bias });
    expectClose(got['y'], stored(want['y']!));
    expectClose(got['dx'], stored(want['dx']!));
    expectClose(got['dbias'], stored(want['dbias']!));
    // The gradient by the weights between groups has no counterpart; the others are the same.
    const between = want['dweight']!.bufferSync();
    const own = got['dweight']!.bufferSync();
    for (let o = 0; o < out; o++)
      for (let p = 0; p < planes / groups; p++) {
        const group = Math.floor(o / (out / groups));
        expect(own.get(1, 2, p, o)).toBeCloseTo(
          between.get(1, 2, group * (planes / groups) + p, o) as number,
          4,
        );
      }

    const run = await compiled((inputs) => probe(module, inputs), { x, weight, bias });
    for (const [name, value] of Object.entries(run)) expectClose(got[name], value);
  });

  it('refuses groups that do not divide the planes', () => {
    expect(() => conv2d({ in: 6, out: 4, kernel: 3, groups: 3 })).toThrow(
      'conv2d: expected groups that divide in and out, got {"in":6,"out":4,"kernel":3,"groups":3}.',
    );
    expect(() => conv2d({ in: 6, out: 4, kernel: 3, groups: 0 })).toThrow(
      expect.objectContaining({ code: 'LAPYRA_NN_OPTION' }),
    );
  });
});

describe('featureLpPool', () => {
  it('takes the norm of neighbouring planes, worked by hand', () => {
    const x = tf.tensor4d([3, -4, 5, 12, 0, 1, 7], [1, 1, 1, 7]);
    const pooled = (module: Module): number[] =>
      values(module.apply({}, x, inference)).map((value) => Math.round(value * 1e4) / 1e4);
    expect(pooled(featureLpPool())).toEqual([5, 13, 1]); // the seventh plane has no neighbour
    expect(pooled(featureLpPool({ p: 1, width: 3 }))).toEqual([12, 13]);
    expect(pooled(featureLpPool({ p: 2, width: 3, stride: 2 }))).toEqual([
      7.0711, // √(9 + 16 + 25)
      13, // √(25 + 144 + 0)
      7.0711, // √(0 + 1 + 49)
    ]);
    expect(pooled(featureLpPool({ p: 1, width: 2, stride: 4 }))).toEqual([7, 1]);
  });

  it.each([
    { p: 2, width: 2 },
    { p: 2, width: 3, stride: 1 },
    { p: 1, width: 2 },
  ] as const)('has the gradient of finite differences, also compiled: %o', async (options) => {
    const module = featureLpPool(options);
    const x = seeded([2, 2, 1, 6], 5);
    const weigh = (y: tf.Tensor): tf.Tensor => tf.sum(tf.mul(y, seeded(y.shape, 99)));
    const got = probe(module, { x });
    expectClose(
      got['dx'],
      finiteDifferences((at) => weigh(module.apply({}, at, inference)), x, 1e-3),
      2e-3,
    );
    const run = await compiled((inputs) => probe(module, inputs), { x });
    for (const [name, value] of Object.entries(run)) expectClose(got[name], value);
  });

  it('has a finite gradient where all planes are 0', () => {
    const { dx } = probe(featureLpPool(), { x: tf.zeros([1, 1, 1, 4]) });
    expect(values(dx).map(Math.abs)).toEqual([0, 0, 0, 0]);
  });

  it('refuses what it cannot pool', () => {
    expect(() => featureLpPool({ width: 0 })).toThrow(
      expect.objectContaining({ code: 'LAPYRA_NN_OPTION' }),
    );
    expect(() => featureLpPool({ width: 3 }).apply({}, tf.zeros([2, 1, 1, 2]), inference)).toThrow(
      'featureLpPool: expected [B, …, C] with C ≥ 3, got [2, 1, 1, 2].',
    );
  });
});
