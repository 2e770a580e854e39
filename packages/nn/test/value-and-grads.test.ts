import { stopGradient, valueAndGrads } from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { values } from './numbers.js';

beforeAll(() => tf.setBackend('cpu'));

const weights = { a: tf.scalar(3), b: tf.tensor1d([1, 2]) };

describe('valueAndGrads', () => {
  it('names the gradients as the weights', () => {
    const { loss, gradients, aux } = valueAndGrads(
      ({ a, b }) => tf.sum(tf.mul(tf.square(a ?? 0), b ?? 0)),
      weights,
    );
    expect(values(loss)).toEqual([27]);
    expect(values(gradients['a'])).toEqual([18]); // 2a·Σb
    expect(values(gradients['b'])).toEqual([9, 9]); // a²
    expect(aux).toEqual({});
  });

  it('carries tensors made inside out of it, and leaves those made outside alone', () => {
    const outside = tf.scalar(7);
    const { aux } = valueAndGrads(
      ({ a }) => {
        const doubled = tf.mul(a ?? 0, 2);
        return { loss: tf.square(doubled), aux: { doubled, outside } };
      },
      { a: weights.a },
    );
    expect(values(aux['doubled'])).toEqual([6]);
    expect(values(aux['outside'])).toEqual([7]);
    expect(outside.isDisposed).toBe(false);
  });

  it('leaks nothing inside a tidy', () => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      valueAndGrads(({ a }) => ({ loss: tf.square(a ?? 0), aux: { twice: tf.mul(a ?? 0, 2) } }), {
        a: weights.a,
      });
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('differentiates a gradient', () => {
    const { loss, gradients } = valueAndGrads(
      ({ a }) => {
        const inner = valueAndGrads(({ x }) => tf.pow(x ?? 0, 3), { x: a ?? tf.scalar(0) });
        return inner.gradients['x'] ?? tf.scalar(0); // 3a²
      },
      { a: weights.a },
    );
    expect(values(loss)).toEqual([27]);
    expect(values(gradients['a'])[0]).toBeCloseTo(18, 4); // 6a
  });

  it('sees no gradient behind stopGradient', () => {
    const { gradients } = valueAndGrads(
      ({ a }) => tf.mul(a ?? 0, stopGradient(tf.square(a ?? 0))),
      { a: weights.a },
    );
    expect(values(gradients['a'])).toEqual([9]);
  });

  it('names the weights that the loss ignores', () => {
    expect(() => valueAndGrads(({ a }) => tf.square(a ?? 0), weights)).toThrow(
      'valueAndGrads: expected a loss that depends on every weight, got one that does not depend on b.',
    );
  });

  it('refuses a loss that is not a scalar, and frees what it kept', () => {
    const before = tf.memory().numTensors;
    expect(() =>
      tf.tidy(() => {
        valueAndGrads(({ b }) => tf.square(b ?? 0), { b: weights.b });
      }),
    ).toThrow('valueAndGrads: expected [], got [2].');
    expect(tf.memory().numTensors).toBe(before);
  });
});
