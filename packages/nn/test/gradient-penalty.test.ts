// The penalty and its second-order gradients against PyTorch's numbers (fixtures/make-fixtures.py).
import {
  conv2d,
  elu,
  flatten,
  gradientPenalty,
  inference,
  leakyRelu,
  linear,
  type Module,
  relu,
  sequential,
  sigmoid,
  softplus,
  tanh,
  valueAndGrads,
} from '@lapyra/nn';
import type { Tensors } from '@lapyra/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  expectClose,
  finiteDifferences,
  fixture,
  load,
  loadAll,
  seeded,
  type Stored,
  values,
} from './numbers.js';

beforeAll(() => tf.setBackend('cpu'));

interface PenaltyCase {
  readonly activation: string;
  readonly real: Stored;
  readonly fake: Stored;
  readonly epsilon: Stored;
  readonly weights: Record<string, Stored>;
  readonly penalty: number;
  readonly gradients: Record<string, Stored>;
}

const cases = fixture<PenaltyCase[]>('gradient-penalty');
const activations: Record<string, () => Module> = {
  relu,
  leakyRelu,
  tanh,
  sigmoid,
  softplus,
  elu,
};

function critic(activation: string): Module {
  const make = activations[activation];
  if (!make) throw new Error(`no activation ${activation}`);
  return sequential([
    conv2d({ in: 2, out: 4, kernel: 3, stride: 2, padding: 'valid' }),
    make(),
    flatten(),
    linear({ in: 16, out: 1, bias: false }),
  ]);
}

describe('gradientPenalty', () => {
  it.each(cases.map((given) => [given.activation, given] as const))(
    'agrees with PyTorch to second order, with %s',
    (_name, given) => {
      const net = critic(given.activation);
      const [real, fake, epsilon] = [load(given.real), load(given.fake), load(given.epsilon)];
      const { loss, gradients } = valueAndGrads((weights) => {
        const penalty = gradientPenalty(
          (x) => net.apply(weights, x, inference),
          real,
          fake,
          epsilon,
        );
        // A piecewise linear critic's slope does not depend on its biases: they need another way into the loss.
        return tf.add(penalty, tf.mul(tf.sum(weights['0.bias'] ?? tf.scalar(0)), 0));
      }, loadAll(given.weights));
      expectClose(loss, { shape: [], data: [given.penalty] });
      for (const [name, gradient] of Object.entries(given.gradients))
        expectClose(gradients[name], gradient, 2e-5);
    },
  );

  it('has the second-order gradients of its finite differences', () => {
    const net = sequential([linear({ in: 3, out: 4 }), tanh(), linear({ in: 4, out: 1 })]);
    const fixed: Tensors = {
      '0.bias': seeded([4], 1),
      '2.weight': seeded([4, 1], 2),
      '2.bias': seeded([1], 3),
    };
    const first = seeded([3, 4], 4);
    const penalty = (weight: tf.Tensor): tf.Scalar =>
      gradientPenalty(
        (x) => net.apply({ ...fixed, '0.weight': weight }, x, inference),
        seeded([5, 3], 5),
        seeded([5, 3], 6),
        tf.abs(seeded([5], 7)),
      );
    const { gradients } = valueAndGrads(({ weight }) => penalty(weight ?? first), {
      weight: first,
    });
    expectClose(gradients['weight'], finiteDifferences(penalty, first), 1e-3);
  });

  it('of a critic with slope s is (|s| − 1)², and finite for a flat one', () => {
    const penalty = (slope: number): number[] => {
      const { loss, gradients } = valueAndGrads(
        ({ s }) =>
          gradientPenalty(
            (x) => tf.mul(x, s ?? tf.scalar(0)),
            tf.tensor2d([[1], [2]]),
            tf.tensor2d([[3], [0]]),
            tf.tensor1d([0.5, 0.25]),
          ),
        { s: tf.scalar(slope) },
      );
      return [...values(loss), ...values(gradients['s'])].map((v) => Math.round(v * 1e4) / 1e4);
    };
    expect(penalty(3)).toEqual([4, 4]); // (3 − 1)², 2·(3 − 1)
    const [flat, slope] = penalty(0);
    expect([flat, Math.abs(slope ?? Number.NaN)]).toEqual([1, 0]);
  });

  it('refuses another epsilon, and a critic that ignores its input', () => {
    const x = tf.zeros([2, 3]);
    expect(() => gradientPenalty((y) => y, x, x, tf.zeros([2, 1]))).toThrow(
      'gradientPenalty epsilon: expected [2], got [2, 1].',
    );
    expect(() => gradientPenalty(() => tf.zeros([2]), x, x, tf.zeros([2]))).toThrow(
      expect.objectContaining({ code: 'LAPYRA_NN_NO_GRADIENT' }),
    );
  });
});
