// Names, masks and errors of modules, by hand-sized numbers.
import {
  batchNorm,
  conv2d,
  convTranspose2d,
  dropout,
  flatten,
  heNormal,
  inference,
  linear,
  type Module,
  normal,
  pixelShuffle,
  relu,
  reshape,
  scoped,
  sequential,
  torchDefault,
  upsampleNearest,
  withoutPrefix,
  withPrefix,
  xavierUniform,
  zeros,
} from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { values } from './numbers.js';

beforeAll(() => tf.setBackend('cpu'));

const training = { training: true, masks: {}, updates: null };

describe('initialisers', () => {
  it('are data', () => {
    expect(torchDefault(25)).toEqual({ uniform: [-0.2, 0.2] });
    expect(normal(0.05)).toEqual({ normal: [0, 0.05] });
    expect(heNormal(8)).toEqual({ normal: [0, 0.5] });
    expect(xavierUniform(20, 4)).toEqual({ uniform: [-0.5, 0.5] });
  });

  it.each([
    ['linear', linear({ in: 16, out: 2 }), 1 / 4],
    ['conv2d', conv2d({ in: 4, out: 2, kernel: 5 }), 1 / 10],
    ['convTranspose2d', convTranspose2d({ in: 4, out: 2, kernel: 5 }), 1 / 10],
  ])('of %s count the inputs of one output', (_name, module, bound) => {
    for (const name of ['weight', 'bias'])
      expect(module.state[name]?.initial).toEqual({ uniform: [-bound, bound] });
  });

  it('can be given', () => {
    const { state } = linear({ in: 2, out: 3, initial: { weight: normal(0.005), bias: zeros } });
    expect(state).toEqual({
      weight: { shape: [2, 3], role: 'weight', initial: { normal: [0, 0.005] } },
      bias: { shape: [3], role: 'weight', initial: { fill: 0 } },
    });
  });
});

describe('linear', () => {
  it('is x · weight + bias', () => {
    const state = { weight: tf.tensor2d([1, 2, 3, 4], [2, 2]), bias: tf.tensor1d([10, 20]) };
    const y = linear({ in: 2, out: 2 }).apply(state, tf.tensor2d([1, 1], [1, 2]), inference);
    expect(values(y)).toEqual([14, 26]);
  });

  it('sees flattened images in the order H, W, C', () => {
    const images = tf.reshape(tf.range(0, 12), [1, 2, 2, 3]);
    expect(values(flatten().apply({}, images, inference))).toEqual(values(tf.range(0, 12)));
  });
});

describe('dropout', () => {
  const module = dropout({ keep: 0.5, shape: [2, 2, 1] });

  it('asks for a mask per image', () => {
    expect(module.masks(3)).toEqual({
      mask: { shape: [3, 2, 2, 1], distribution: { keep: 0.5 } },
    });
  });

  it('multiplies by the mask in training only', () => {
    const x = tf.reshape(tf.range(1, 9), [1, 2, 2, 2]);
    const mask = tf.tensor4d([0, 2, 2, 0], [1, 2, 2, 1]);
    const dropped = module.apply({}, x, { ...training, masks: { mask } });
    expect(values(dropped)).toEqual([0, 0, 6, 8, 10, 12, 0, 0]);
    expect(values(module.apply({}, x, inference))).toEqual(values(x));
  });

  it('refuses to train without its mask, and with one of another size', () => {
    const x = tf.zeros([1, 2, 2, 2]);
    expect(() => module.apply({}, x, training)).toThrow(
      "dropout: expected a tensor 'mask', got none.",
    );
    expect(() =>
      module.apply({}, x, { ...training, masks: { mask: tf.zeros([2, 2, 2, 1]) } }),
    ).toThrow(expect.objectContaining({ code: 'LAPYRA_NN_SHAPE' }));
  });
});

describe('sequential and scoped', () => {
  it('end behind any of their parts, with what state that takes', () => {
    const net = scoped(
      'net.',
      sequential([
        ['first', linear({ in: 1, out: 2 })],
        ['act', relu()],
        ['last', linear({ in: 2, out: 1 })],
      ]),
    );
    expect(net.parts).toEqual(['first', 'act', 'last']);
    const part = net.upTo!('act');
    expect(Object.keys(part.state)).toEqual(['net.first.weight', 'net.first.bias']);
    const state = {
      'net.first.weight': tf.tensor2d([[2, -3]]),
      'net.first.bias': tf.tensor1d([1, 1]),
      'net.last.weight': tf.tensor2d([[10], [100]]),
      'net.last.bias': tf.tensor1d([0]),
    };
    const x = tf.tensor2d([[1], [-1]]);
    // 2x + 1 and 1 − 3x, at 1 and −1: 3, −2 and −1, 4; behind the ReLU 3, 0 and 0, 4.
    expect(values(part.apply(state, x, inference))).toEqual([3, 0, 0, 4]);
    expect(values(net.upTo!('last').apply(state, x, inference))).toEqual([30, 400]);
    expect(() => net.upTo!('lost')).toThrow(
      'sequential: expected a part of first, act, last, got "lost".',
    );
  });

  const net = scoped(
    'g.',
    sequential([
      linear({ in: 2, out: 2, bias: false }),
      ['norm', batchNorm({ channels: 2, affine: false })],
      ['drop', dropout({ keep: 0.25, shape: [2] })],
    ]),
  );

  it('name state and masks by part and prefix', () => {
    expect(Object.keys(net.state)).toEqual(['g.0.weight', 'g.norm.mean', 'g.norm.variance']);
    expect(net.state['g.norm.mean']?.role).toBe('statistic');
    expect(net.masks(3)).toEqual({
      'g.drop.mask': { shape: [3, 2], distribution: { keep: 0.25 } },
    });
  });

  it('hand state, masks and updates through', () => {
    const state = {
      'g.0.weight': tf.tensor2d([1, 0, 0, 2], [2, 2]),
      'g.norm.mean': tf.tensor1d([0, 0]),
      'g.norm.variance': tf.tensor1d([1, 1]),
    };
    const updates: Record<string, tf.Tensor> = {};
    const x = tf.tensor2d([1, 1, 3, 3], [2, 2]);
    const y = net.apply(state, x, {
      training: true,
      masks: { 'g.drop.mask': tf.tensor2d([4, 0, 0, 4], [2, 2]) },
      updates,
    });
    expect(values(y).map(Math.round)).toEqual([-4, -0, 0, 4]);
    expect(Object.keys(updates)).toEqual(['g.norm.mean', 'g.norm.variance']);
    // Means 2 and 4, unbiased variances 2 and 8; a tenth of them goes into the running ones.
    const round = (tensor: tf.Tensor | undefined): number[] =>
      values(tensor).map((value) => Math.round(value * 1e5) / 1e5);
    expect(round(updates['g.norm.mean'])).toEqual([0.2, 0.4]);
    expect(round(updates['g.norm.variance'])).toEqual([1.1, 1.7]);
  });

  it('refuse two parts of one name', () => {
    expect(() =>
      sequential([
        ['a', relu()],
        ['a', relu()],
      ]),
    ).toThrow('sequential: expected different names without dots, got ["a","a"].');
    expect(() => sequential([['a.b', relu()]])).toThrow(
      expect.objectContaining({ code: 'LAPYRA_NN_OPTION' }),
    );
  });

  it('have record helpers', () => {
    expect(withPrefix('a.', { x: 1 })).toEqual({ 'a.x': 1 });
    expect(withoutPrefix('a.', { 'a.x': 1, 'b.x': 2, a: 3 })).toEqual({ x: 1 });
  });
});

describe('shapes', () => {
  it.each([
    ['same', { kernel: 5, stride: 1, padding: 'same' }, 7, 7],
    ['same with stride', { kernel: 4, stride: 2, padding: 'same' }, 7, 4],
    ['valid', { kernel: 5, stride: 2, padding: 'valid' }, 10, 3],
    ['a number', { kernel: 4, stride: 2, padding: 1 }, 14, 7],
  ] as const)('of conv2d with padding %s', (_name, options, from, to) => {
    const { weight } = conv2d({ in: 1, out: 2, bias: false, ...options }).state;
    const state = { weight: tf.zeros([...(weight?.shape ?? [])]) };
    const y = conv2d({ in: 1, out: 2, bias: false, ...options }).apply(
      state,
      tf.zeros([3, from, from, 1]),
      inference,
    );
    expect(y.shape).toEqual([3, to, to, 2]);
  });

  const bad: [string, () => unknown, string][] = [
    ['a kernel of 0', () => conv2d({ in: 1, out: 1, kernel: 0 }), 'LAPYRA_NN_OPTION'],
    ['padding −1', () => conv2d({ in: 1, out: 1, kernel: 1, padding: -1 }), 'LAPYRA_NN_OPTION'],
    [
      'stride with dilation',
      () => conv2d({ in: 1, out: 1, kernel: 3, stride: 2, dilation: 2 }),
      'LAPYRA_NN_OPTION',
    ],
    [
      'outputPadding of the stride',
      () => convTranspose2d({ in: 1, out: 1, kernel: 3, stride: 2, outputPadding: 2 }),
      'LAPYRA_NN_OPTION',
    ],
    ['half a unit', () => linear({ in: 1.5, out: 1 }), 'LAPYRA_NN_OPTION'],
    ['keep 0', () => dropout({ keep: 0, shape: [1] }), 'LAPYRA_NN_OPTION'],
    ['factor 0', () => pixelShuffle(0), 'LAPYRA_NN_OPTION'],
    ['a factor of ½', () => upsampleNearest(0.5), 'LAPYRA_NN_OPTION'],
  ];
  it.each(bad)('refuse %s', (_name, make, code) => {
    expect(make).toThrow(expect.objectContaining({ code }));
  });

  const misfits: [string, Module, number[]][] = [
    [
      'conv2d: expected [B, H, W, 3], got [2, 5, 5, 4].',
      conv2d({ in: 3, out: 1, kernel: 3 }),
      [2, 5, 5, 4],
    ],
    ['linear: expected [B, 3], got [2, 4].', linear({ in: 3, out: 1 }), [2, 4]],
    ['reshape: expected [B, …] with 4 elements per image, got [2, 6].', reshape([2, 2, 1]), [2, 6]],
    ['pixelShuffle: expected [B, H, W, C·4], got [1, 2, 2, 6].', pixelShuffle(2), [1, 2, 2, 6]],
    [
      'batchNorm: expected [B, …, 3] with at least two values per channel, got [1, 3].',
      batchNorm({ channels: 3 }),
      [1, 3],
    ],
  ];
  it.each(misfits)('refuse: %s', (message, module, shape) => {
    const state = { mean: tf.zeros([3]), variance: tf.ones([3]) };
    expect(() => module.apply(state, tf.zeros(shape), training)).toThrow(message);
  });

  it('say which state tensor is missing', () => {
    expect(() =>
      linear({ in: 1, out: 1 }).apply({ bias: tf.zeros([1]) }, tf.zeros([1, 1]), inference),
    ).toThrow("linear: expected a tensor 'weight', got bias.");
  });
});
