import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { checkGradients, uniform } from './check-gradients.test-support.js';
import { registerGradients } from './index.js';

registerGradients(); // another file's imports may have put tfjs's own back

const smooth: [string, (x: Tensor) => Tensor, { low: number; high: number }][] = [
  ['acos', tf.acos, { low: -0.8, high: 0.8 }],
  ['acosh', tf.acosh, { low: 1.3, high: 3 }],
  ['asin', tf.asin, { low: -0.8, high: 0.8 }],
  ['asinh', tf.asinh, { low: -2, high: 2 }],
  ['atan', tf.atan, { low: -2, high: 2 }],
  ['atanh', tf.atanh, { low: -0.8, high: 0.8 }],
  ['cos', tf.cos, { low: -2, high: 2 }],
  ['cosh', tf.cosh, { low: -1, high: 1 }],
  ['erf', tf.erf, { low: -2, high: 2 }],
  ['exp', tf.exp, { low: -1, high: 1 }],
  ['expm1', tf.expm1, { low: -1, high: 1 }],
  ['log', tf.log, { low: 0.5, high: 2 }],
  ['log1p', tf.log1p, { low: -0.5, high: 1 }],
  ['logSigmoid', tf.logSigmoid, { low: -2, high: 2 }],
  ['neg', tf.neg, { low: -1, high: 1 }],
  ['reciprocal', tf.reciprocal, { low: 0.7, high: 2 }],
  ['rsqrt', tf.rsqrt, { low: 0.7, high: 2 }],
  ['sigmoid', tf.sigmoid, { low: -2, high: 2 }],
  ['sin', tf.sin, { low: -2, high: 2 }],
  ['sinh', tf.sinh, { low: -1, high: 1 }],
  ['softplus', tf.softplus, { low: -2, high: 2 }],
  ['sqrt', tf.sqrt, { low: 0.5, high: 2 }],
  ['square', tf.square, { low: -1, high: 1 }],
  ['tan', tf.tan, { low: -0.8, high: 0.8 }],
  ['tanh', tf.tanh, { low: -1.5, high: 1.5 }],
];

const kinked: [string, (x: Tensor) => Tensor, number[]][] = [
  ['abs', tf.abs, [0]],
  ['clipByValue', (x) => tf.clipByValue(x, -0.5, 0.7), [-0.5, 0.7]],
  ['elu', tf.elu, [0]],
  ['leakyRelu', (x) => tf.leakyRelu(x, 0.2), [0]],
  ['maximum with a scalar', (x) => tf.maximum(x, 0.3), [0.3]],
  ['minimum with a scalar', (x) => tf.minimum(x, 0.3), [0.3]],
  ['relu', tf.relu, [0]],
  ['relu6', (x) => tf.relu6(tf.mul(x, 6)), [0, 1]],
  ['selu', tf.selu, [0]],
  ['where on a comparison', (x) => tf.where(tf.greater(x, 0), tf.exp(x), tf.square(x)), [0]],
  ['product with a cast comparison', (x) => tf.mul(x, tf.cast(tf.less(x, 0.2), 'float32')), [0.2]],
  ['product with sign', (x) => tf.mul(tf.sign(x), x), [0]],
  ['product with step', (x) => tf.mul(tf.step(x, 0.3), x), [0]],
];

describe('functions of one tensor', () => {
  it.each(smooth)('%s, to second order', (_name, f, range) => {
    checkGradients(f, [uniform([2, 5], range)], { order: 2 });
  });

  it.each(kinked)('%s, to second order', (_name, f, kinks) => {
    checkGradients(f, [uniform([2, 7], { low: -1.5, high: 1.5, kinks })], { order: 2 });
  });

  const constant: [string, (x: Tensor) => Tensor, number[]][] = [
    ['floor', tf.floor, [0, -2]],
    ['ceil', tf.ceil, [1, -1]],
    ['round', tf.round, [0, -2]],
    ['sign', tf.sign, [1, -1]],
    ['isNaN', tf.isNaN, [0, 0]],
    ['logicalNot', (x) => tf.logicalNot(tf.greater(x, 0)), [0, 1]],
    ['onesLike', tf.onesLike, [1, 1]],
    ['argMax', (x) => tf.argMax(x), [0, 0]],
  ];
  it.each(constant)('%s has the gradient zero', (_name, f, values) => {
    // d(v · f(v)) = f(v) where f is constant
    const loss = (v: Tensor): Tensor => tf.mul(v, tf.cast(f(v), 'float32'));
    expect(
      [
        ...tf
          .grad(loss)(tf.tensor1d([0.3, -1.6]))
          .dataSync(),
      ].map((n) => n + 0),
    ).toEqual(values);
  });

  it('takes integer inputs', () => {
    const x = tf.tensor1d([1, 2, 3], 'int32');
    expect([
      ...tf
        .grad((v) => tf.square(v))(x)
        .dataSync(),
    ]).toEqual([2, 4, 6]);
  });

  it('gives a float cast to integers the gradient zero', () => {
    const x = tf.tensor1d([1.5, 2.5]);
    const dx = tf.grad((v: Tensor) => tf.mul(v, tf.cast(tf.cast(v, 'int32'), 'float32')))(x);
    expect([...dx.dataSync()]).toEqual([1, 2]);
  });

  it('stays finite in the far tails of a BCE with logits', () => {
    const logits = tf.tensor1d([-200, -30, 0, 30, 200]);
    const loss = (x: Tensor): Tensor =>
      tf.sum(tf.add(tf.relu(x), tf.log1p(tf.exp(tf.neg(tf.abs(x))))));
    const dx = [...tf.grad(loss)(logits).dataSync()];
    // At 0 both kinks are set to 0 by convention; elsewhere the gradient is sigmoid(x).
    [0, 0, 0, 1, 1].forEach((expected, i) => expect(dx[i]).toBeCloseTo(expected, 6));
  });
});

const shapes: [string, number[], number[]][] = [
  ['the same shape', [2, 3], [2, 3]],
  ['a row and a matrix', [3], [2, 3]],
  ['a matrix and a column', [2, 3], [2, 1]],
  ['both sides broadcast', [2, 1, 3], [4, 1]],
  ['a scalar and a matrix', [], [2, 2]],
];
const pairs: [string, (a: Tensor, b: Tensor) => Tensor][] = [
  ['add', tf.add],
  ['sub', tf.sub],
  ['mul', tf.mul],
  ['div', tf.div],
  ['squaredDifference', tf.squaredDifference],
  ['pow', tf.pow],
  ['atan2', tf.atan2],
  ['maximum', tf.maximum],
  ['minimum', tf.minimum],
];

describe('functions of two tensors', () => {
  describe.each(shapes)('%s', (_shape, left, right) => {
    it.each(pairs)('%s, to second order', (_name, f) => {
      const a = uniform(left, { low: 0.6, high: 1.6 });
      const b = uniform(right, { seed: 2, low: 0.6, high: 1.6 });
      // Far from ties for the two that compare: halves of [0.6, 1.6) are too near each other.
      const apart = f === tf.maximum || f === tf.minimum;
      const second = apart ? tf.add(tf.mul(tf.round(b), 2), tf.mul(b, 0.3)) : b;
      const first = apart ? tf.mul(a, 1.2) : a;
      checkGradients(f, [first, second], { order: 2 });
    });
  });

  it('mod', () => {
    checkGradients(tf.mod, [tf.tensor1d([2.4, -1.3, 5.5]), tf.tensor1d([1, 0.8, 2])]);
  });

  it('addN, one tensor twice', () => {
    const a = uniform([2, 2]);
    checkGradients((x, y) => tf.addN([x, y, x]), [a, uniform([2, 2], { seed: 3 })], { order: 2 });
  });

  it('prelu with slopes per channel', () => {
    const x = uniform([2, 3, 4], { kinks: [0] });
    checkGradients(tf.prelu, [x, uniform([4], { seed: 5, low: 0.1, high: 0.6 })], { order: 2 });
  });

  it('where, each side', () => {
    const condition = tf.tensor2d([1, 0, 0, 1, 1, 0], [2, 3], 'bool');
    const inputs = [uniform([2, 3]), uniform([3], { seed: 4 })];
    checkGradients((t, e) => tf.where(condition, t, e), inputs, { order: 2 });
  });

  it('gives all to the first operand at a tie', () => {
    const one = tf.tensor1d([1]);
    for (const f of [tf.maximum, tf.minimum]) {
      const [da, db] = tf.grads((a: Tensor, b: Tensor) => f(a, b))([one, one.clone()]);
      expect([da?.dataSync()[0], db?.dataSync()[0]]).toEqual([1, 0]);
    }
  });

  it('pow is right where the naive formula is NaN', () => {
    const base = tf.tensor1d([0, 0, -2, 0]);
    const exponent = tf.tensor1d([0, 2, 3, 1]);
    const [da, db] = tf.grads((a: Tensor, b: Tensor) => tf.pow(a, b))([base, exponent]);
    expect([...(da as Tensor).dataSync()]).toEqual([0, 0, 12, 1]);
    expect([...(db as Tensor).dataSync()].map(Math.abs)).toEqual([0, 0, 0, 0]);
  });

  it('pow has a finite second gradient where the exponent is 0', () => {
    const slope = (a: Tensor): Tensor =>
      tf.grad((v: Tensor) => tf.mul(v, tf.pow(v, tf.tensor1d([0, 0]))))(a);
    const x = tf.tensor1d([0, 2]);
    expect([...slope(x).dataSync()]).toEqual([1, 1]);
    expect([...tf.grad(slope)(x).dataSync()]).toEqual([0, 0]);
  });

  it('mixes float and integer operands', () => {
    const b = tf.tensor1d([2, 3], 'int32');
    checkGradients((a) => tf.mul(a, b), [uniform([2])], { order: 2 });
  });
});
