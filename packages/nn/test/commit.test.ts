import { allFinite, blend, commit } from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { values } from './numbers.js';

beforeAll(() => tf.setBackend('cpu'));

function bits(tensor: tf.Tensor | undefined): number[] {
  return Array.from(new Uint32Array(Float32Array.from(tensor?.dataSync() ?? []).buffer));
}

const odd = [0.1, -0, 0, 1e-40, -3.4e38, 1 / 3];

describe('blend', () => {
  it.each([
    ['NaN', Number.NaN],
    ['infinity', Infinity],
    ['numbers', 0.7],
  ])('gives exactly the old tensor at 0 and exactly the next at 1, with %s', (_name, value) => {
    const old = tf.tensor1d(odd);
    const next = tf.tensor1d([value, 0, -0, value, 2, 3.4e38]);
    expect(bits(blend(old, next, tf.scalar(0)))).toEqual(bits(old));
    expect(bits(blend(old, next, tf.scalar(1)))).toEqual(bits(next));
  });

  it('mixes in between', () => {
    const mixed = blend(tf.tensor1d([0, 4]), tf.tensor1d([8, -4]), tf.scalar(0.25));
    expect(values(mixed)).toEqual([2, 2]);
  });
});

describe('allFinite', () => {
  it.each([
    ['numbers', [[1, 2], [-3e38]], 1],
    ['no tensors', [], 1],
    ['a NaN', [[1, Number.NaN], [1]], 0],
    ['an infinity', [[1], [2, Infinity]], 0],
    ['infinities that cancel', [[Infinity, -Infinity]], 0],
  ])('of %s', (_name, tensors, expected) => {
    const result = allFinite(tensors.map((data) => tf.tensor1d(data)));
    expect(result.shape).toEqual([]);
    expect(values(result)).toEqual([expected]);
  });
});

describe('commit', () => {
  const old = { 'g.w': tf.tensor1d(odd), 'd.w': tf.tensor1d([1, 2]), other: tf.scalar(9) };
  const next = { 'g.w': tf.tensor1d([1, 2, 3, 4, 5, 6]), 'd.w': tf.tensor1d([3, 4]) };
  const losses = { dLoss: tf.scalar(0.5) };

  it('takes the new state of a good step', () => {
    const { state, outputs } = commit({ state: old, next, losses });
    expect(values(state['g.w'])).toEqual([1, 2, 3, 4, 5, 6]);
    expect(values(state['d.w'])).toEqual([3, 4]);
    expect(Object.keys(state)).toEqual(['g.w', 'd.w']);
    expect(values(outputs['dLoss'])).toEqual([0.5]);
    expect(values(outputs['finite'])).toEqual([1]);
    expect(outputs['finite']?.shape).toEqual([]);
  });

  it('blends finite values of opposite signs into finite ones', () => {
    const largest = 3.4e38;
    const { state, outputs } = commit({
      state: { w: tf.tensor1d([-largest, 1]) },
      next: { w: tf.tensor1d([largest, 3]) },
      losses,
      gates: { w: tf.scalar(0.5) },
    });
    expect(values(state['w'])).toEqual([0, 2]);
    expect(values(outputs['finite'])).toEqual([1]);
  });

  it.each([
    ['a loss is NaN', { losses: { dLoss: tf.scalar(Number.NaN) } }],
    ['a new tensor holds one NaN', { next: { ...next, 'd.w': tf.tensor1d([3, Number.NaN]) } }],
    [
      'a new tensor holds infinities',
      { next: { ...next, 'g.w': tf.mul(tf.ones([6]), -Infinity) } },
    ],
    ['a gate is NaN', { gates: { 'd.': tf.scalar(Number.NaN) } }],
    [
      'a closed gate stands before a NaN',
      { gates: { 'd.': tf.scalar(0) }, next: { ...next, 'd.w': tf.tensor1d([3, Number.NaN]) } },
    ],
  ])('changes no bit when %s', (_name, part) => {
    const { state, outputs } = commit({ state: old, next, losses, ...part });
    expect(bits(state['g.w'])).toEqual(bits(old['g.w']));
    expect(bits(state['d.w'])).toEqual(bits(old['d.w']));
    expect(values(outputs['finite'])).toEqual([0]);
  });

  it('goes by the gate with the longest prefix', () => {
    const names = { 'd.w': tf.scalar(0), 'd.norm.w': tf.scalar(0), 'g.w': tf.scalar(0) };
    const ones = { 'd.w': tf.scalar(1), 'd.norm.w': tf.scalar(1), 'g.w': tf.scalar(1) };
    const gates = { 'd.': tf.scalar(0), 'd.norm.': tf.scalar(0.5) };
    const { state } = commit({ state: names, next: ones, losses, gates });
    expect(values(state['d.w'])).toEqual([0]);
    expect(values(state['d.norm.w'])).toEqual([0.5]);
    expect(values(state['g.w'])).toEqual([1]);
  });

  it.each([
    ['unknown tensors', { next: { new: tf.scalar(1) } }, 'LAPYRA_NN_MISSING'],
    ['other shapes', { next: { other: tf.tensor1d([1]) } }, 'LAPYRA_NN_SHAPE'],
    ['losses that are not scalars', { losses: { l: tf.tensor1d([1]) } }, 'LAPYRA_NN_SHAPE'],
    ['gates that are not scalars', { gates: { 'd.': tf.tensor1d([1]) } }, 'LAPYRA_NN_SHAPE'],
    ['gates of nothing', { gates: { 'x.': tf.scalar(1) } }, 'LAPYRA_NN_OPTION'],
    ['a loss named finite', { losses: { finite: tf.scalar(1) } }, 'LAPYRA_NN_OPTION'],
  ])('refuses %s', (_name, part, code) => {
    expect(() => commit({ state: old, next, losses, ...part })).toThrow(
      expect.objectContaining({ code }),
    );
  });
});
