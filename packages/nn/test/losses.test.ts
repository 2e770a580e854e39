// Losses and their gradients against PyTorch's numbers (fixtures/make-fixtures.py) and finite differences.
import {
  bceWithLogits,
  crossEntropy,
  hingeDiscriminator,
  hingeGenerator,
  l1,
  l2,
  leastSquares,
  squaredDistances,
  totalVariation,
  valueAndGrads,
  wassersteinCritic,
  wassersteinGenerator,
} from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  expectClose,
  finiteDifferences,
  fixture,
  load,
  seeded,
  type Stored,
  values,
} from './numbers.js';

beforeAll(() => tf.setBackend('cpu'));

interface LossCase {
  readonly loss: string;
  readonly inputs: Stored[];
  readonly value: number;
  readonly gradients: Stored[];
}

const { target, cases } = fixture<{ target: Stored; cases: LossCase[] }>('losses');

type Loss = (a: tf.Tensor, b: tf.Tensor) => tf.Scalar;
const losses: Record<string, Loss> = {
  bceWithLogits: (x) => bceWithLogits(x, load(target)),
  bceWithLogits1: (x) => bceWithLogits(x, 1),
  bceWithLogits0: (x) => bceWithLogits(x, 0),
  leastSquares: (x) => leastSquares(x, 0.9),
  hingeDiscriminator,
  hingeGenerator,
  wassersteinCritic,
  wassersteinGenerator,
  l1,
  l2,
  totalVariation: (x) => totalVariation(x),
};

function lossNamed(name: string): Loss {
  const loss = losses[name];
  if (!loss) throw new Error(`no loss ${name}`);
  return loss;
}

describe('losses', () => {
  it.each(cases.map((given) => [given.loss, given] as const))(
    '%s agrees with PyTorch',
    (name, given) => {
      const loss = lossNamed(name);
      const inputs = Object.fromEntries(given.inputs.map((x, index) => [String(index), load(x)]));
      const result = valueAndGrads(
        ({ 0: a, 1: b }) => loss(a ?? tf.scalar(0), b ?? tf.scalar(0)),
        inputs,
      );
      expectClose(result.loss, { shape: [], data: [given.value] }, 1e-6);
      given.gradients.forEach((gradient, index) =>
        expectClose(result.gradients[String(index)], gradient, 1e-6),
      );
    },
  );

  // Far from the kinks of abs and relu, where a difference would straddle two slopes.
  it.each([
    ['bceWithLogits', seeded([7, 1], 1), 3e-3],
    ['bceWithLogits1', seeded([7, 1], 2), 3e-3],
    ['leastSquares', seeded([6, 1], 3), 3e-3],
    ['l2', seeded([2, 3, 2, 1], 4), 3e-3],
    ['l1', seeded([2, 3, 2, 1], 5), 3e-3],
  ] as const)('%s has the gradient of its finite differences', (name, x, tolerance) => {
    const other = tf.fill(x.shape, 3);
    const f = (at: tf.Tensor): tf.Scalar => lossNamed(name)(at, other);
    const { gradients } = valueAndGrads(({ at }) => f(at ?? x), { at: x });
    expectClose(gradients['at'], finiteDifferences(f, x), tolerance);
  });

  it('gives scalars', () => {
    for (const loss of Object.values(losses)) {
      expect(loss(seeded([7, 1, 1, 1], 1), seeded([7, 1, 1, 1], 2)).rank).toBe(0);
    }
  });
});

describe('bceWithLogits', () => {
  it('is finite for any logit', () => {
    const { loss, gradients } = valueAndGrads(({ x }) => bceWithLogits(x ?? tf.scalar(0), 1), {
      x: tf.tensor1d([-1e6, 1e6]),
    });
    expect(values(loss)).toEqual([5e5]);
    expect(values(gradients['x'])).toEqual([-0.5, -0]);
  });
});

describe('totalVariation', () => {
  it('is the mean step between neighbours, and 0 along a side of one pixel', () => {
    const row = tf.tensor4d([1, 3, 0], [1, 1, 3, 1]); // |2| and |−3|
    expect(values(totalVariation(row))).toEqual([2.5]);
    expect(values(totalVariation(tf.ones([2, 1, 1, 3])))).toEqual([0]);
  });

  it('refuses what is not images', () => {
    expect(() => totalVariation(tf.zeros([2, 3]))).toThrow(
      'totalVariation: expected [B, H, W, C], got [2, 3].',
    );
  });
});

describe('crossEntropy', () => {
  it('is the mean of what a softmax leaves to be known', () => {
    // Two of three equal logits: −log 1/3; and 1, 0, 0: log(e + 2) − 1 for the first, log(e + 2) for another.
    const logits = tf.tensor2d([
      [4, 4, 4],
      [1, 0, 0],
    ]);
    const target = tf.tensor2d([
      [0, 1, 0],
      [0.75, 0, 0.25],
    ]);
    const expected = (Math.log(3) + Math.log(Math.E + 2) - 0.75) / 2;
    expect(values(crossEntropy(logits, target))[0]).toBeCloseTo(expected, 6);
  });

  it('has the gradient of its finite differences, and stays finite for any logit', () => {
    const target = tf.softmax(seeded([2, 4], 8));
    const x = seeded([2, 4], 9);
    const f = (at: tf.Tensor): tf.Scalar => crossEntropy(at, target);
    const { gradients } = valueAndGrads(({ at }) => f(at ?? x), { at: x });
    expectClose(gradients['at'], finiteDifferences(f, x), 2e-3);
    expect(values(crossEntropy(tf.tensor2d([[-1e6, 1e6]]), tf.tensor2d([[1, 0]])))).toEqual([2e6]);
  });

  it('refuses targets of another shape', () => {
    expect(() => crossEntropy(tf.zeros([2, 3]), tf.zeros([2]))).toThrow(
      'crossEntropy target: expected [2, 3], got [2].',
    );
  });
});

describe('squaredDistances', () => {
  it('is the square of the distance of each pair', () => {
    const a = tf.tensor2d([
      [0, 0],
      [3, 4],
    ]);
    const b = tf.tensor2d([
      [3, 4],
      [0, 1],
      [-3, 4],
    ]);
    const found = squaredDistances(a, b);
    expect(found.shape).toEqual([2, 3]);
    expect(values(found)).toEqual([25, 1, 25, 0, 18, 36]);
  });

  it('refuses vectors of different lengths', () => {
    expect(() => squaredDistances(tf.zeros([2, 3]), tf.zeros([2, 4]))).toThrow(
      'squaredDistances: expected [m, 3], got [2, 4].',
    );
  });
});
