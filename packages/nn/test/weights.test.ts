import { averageState, averageWeights, clipByGlobalNorm, pick, trainable } from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { values } from './numbers.js';

beforeAll(() => tf.setBackend('cpu'));

describe('clipByGlobalNorm', () => {
  const gradients = { a: tf.tensor1d([3, 0]), b: tf.tensor2d([[4]]) }; // norm 5

  it('scales all gradients by one factor', () => {
    const { gradients: clipped, norm } = clipByGlobalNorm(gradients, 2.5);
    expect(values(norm)).toEqual([5]);
    expect(values(clipped['a'])).toEqual([1.5, 0]);
    expect(values(clipped['b'])).toEqual([2]);
  });

  it('leaves smaller ones exactly as they are, zeros among them', () => {
    expect(values(clipByGlobalNorm(gradients, 5).gradients['a'])).toEqual([3, 0]);
    expect(values(clipByGlobalNorm({ a: tf.zeros([2]) }, 1).gradients['a'])).toEqual([0, 0]);
  });

  it('refuses a bound of 0', () => {
    expect(() => clipByGlobalNorm(gradients, 0)).toThrow(
      expect.objectContaining({ code: 'LAPYRA_NN_OPTION' }),
    );
  });
});

describe('averages and selections', () => {
  const spec = {
    w: { shape: [2], role: 'weight', initial: { fill: 1 } },
    mean: { shape: [1], role: 'statistic', initial: { fill: 0 } },
  } as const;

  it('average weights only, beginning as copies', () => {
    expect(averageState(spec, 'average.')).toEqual({
      'average.w': { shape: [2], role: 'average', initial: { copy: 'w' } },
    });
    expect(Object.keys(trainable(spec))).toEqual(['w']);
  });

  it.each([
    ['number', 0.75],
    ['tensor', tf.scalar(0.75)],
  ])('move by what the decay leaves, given as a %s', (_name, decay) => {
    const average = averageWeights(
      { 'average.w': tf.tensor1d([4, 8]), other: tf.scalar(0) },
      { w: tf.tensor1d([0, 16]) },
      decay,
      'average.',
    );
    expect(Object.keys(average)).toEqual(['average.w']);
    expect(values(average['average.w'])).toEqual([3, 10]);
  });

  it('pick what is named, or say what is missing', () => {
    const w = tf.zeros([2]);
    expect(pick({ w, x: w }, trainable(spec))).toEqual({ w });
    expect(() => pick({ w }, spec)).toThrow("pick: expected a tensor 'mean', got w.");
  });
});
