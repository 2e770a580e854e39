// Losses and their gradients against PyTorch's numbers (fixtures/make-fixtures.py) and finite differences.
import {
  bceWithLogits,
  hingeDiscriminator,
  hingeGenerator,
  l1,
  l2,
  leastSquares,
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
