import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import {
  bools,
  expectLikeCpu,
  floats,
  ints,
  runBoth,
  seeded,
  type TestInput,
} from './support/compare-with-cpu.js';

type Unary = (x: tf.Tensor) => tf.Tensor;
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

const special = floats([9], [0, -0, 1, -1, 1e-7, -1e-7, 1e20, Infinity, -Infinity]);
const plain = [2, 3, 4, 5];
const positive = floats([7], [1e-20, 1e-3, 0.5, 1, 2, 1e4, Infinity]);
const unit = floats([7], [-1, -0.9, -1e-4, 0, 1e-4, 0.5, 1]);

async function unary(fn: Unary, x: TestInput, tolerance?: number): Promise<void> {
  await expectLikeCpu(({ x: input }) => ({ y: fn(input!) }), { x }, tolerance);
}

async function binary(fn: Binary, a: TestInput, b: TestInput, tolerance?: number): Promise<void> {
  await expectLikeCpu((inputs) => ({ y: fn(inputs['a']!, inputs['b']!) }), { a, b }, tolerance);
}

describe('int32 and NaN', () => {
  const whole = ints([7], [-3, -1, 0, 1, 2, 5, 9]);
  const small = ints([5], [-2, -1, 0, 1, 2]);
  const some = ints([3], [1, 5, 9]);
  const domains: Readonly<Record<string, TestInput>> = {
    Acos: ints([1], [1]),
    Acosh: some,
    Asin: ints([1], [1]),
    Atanh: ints([1], [0]),
    Erf: small,
    Log: some,
    Log1p: some,
    Reciprocal: some,
    Rsqrt: some,
    Sqrt: some,
    Tanh: small,
  };
  const kernels =
    'Abs Acos Acosh Asin Asinh Atan Atanh Ceil ClipByValue Cos Cosh Elu Erf Exp Expm1 Floor IsFinite IsInf IsNan LeakyRelu Log Log1p Neg Reciprocal Relu Relu6 Round Rsqrt Selu Sigmoid Sign Sin Sinh Softplus Sqrt Square Step Tan Tanh';
  test.each(kernels.split(' '))('%s of int32', async (name) => {
    expect.hasAssertions();
    const attrs = { alpha: 0.5, clipValueMin: -1, clipValueMax: 4 };
    await unary((x) => tf.engine().runKernel(name, { x }, attrs), domains[name] ?? whole);
  });
  test('prelu of int32', async () => {
    expect.hasAssertions();
    await binary((a, b) => tf.engine().runKernel('Prelu', { x: a, alpha: b }), whole, [7]);
  });
  test.each(['FloorDiv', 'Mod', 'RealDiv'])('%s of int32, by zero too', async (name) => {
    expect.hasAssertions();
    const divisors = ints([5, 1], [-4, -1, 0, 1, 3]);
    await binary((a, b) => tf.engine().runKernel(name, { a, b }), whole, divisors);
  });
  test('argMax and argMin pass NaN over, max and min do not', async () => {
    expect.hasAssertions();
    const x = floats([2, 3], [3, NaN, 5, 1, 0, 2]);
    await unary((v) => tf.argMax(v, 1), x);
    await unary((v) => tf.argMin(v, 1), x);
    await unary((v) => tf.max(v, 1), x);
    await unary((v) => tf.min(v, 0, true), x);
    await unary(tf.sign, x);
  });
});

describe('kernels of one float tensor', () => {
  const cases: readonly [string, Unary, readonly TestInput[]][] = [
    ['neg', tf.neg, [plain, special]],
    ['abs', tf.abs, [plain, special]],
    ['sign', tf.sign, [plain]],
    ['square', tf.square, [plain, special]],
    ['reciprocal', tf.reciprocal, [plain]],
    ['sqrt', tf.sqrt, [positive]],
    ['rsqrt', tf.rsqrt, [positive]],
    ['exp', tf.exp, [plain, special]],
    ['expm1', tf.expm1, [plain, special, unit]],
    ['log', tf.log, [positive]],
    ['log1p', tf.log1p, [positive, unit]],
    ['erf', tf.erf, [plain]],
    ['sin', tf.sin, [plain]],
    ['cos', tf.cos, [plain]],
    ['tan', tf.tan, [unit]],
    ['asin', tf.asin, [unit]],
    ['acos', tf.acos, [unit]],
    ['atan', tf.atan, [plain]],
    ['sinh', tf.sinh, [plain]],
    ['cosh', tf.cosh, [plain]],
    ['tanh', tf.tanh, [plain, special]],
    ['asinh', tf.asinh, [plain]],
    ['acosh', tf.acosh, [floats([4], [1, 1.5, 2, 10])]],
    ['atanh', tf.atanh, [floats([4], [-0.9, 0, 0.1, 0.9])]],
    ['relu', tf.relu, [plain, special]],
    ['relu6', tf.relu6, [floats([5], [-1, 0, 3, 6, 9])]],
    ['sigmoid', tf.sigmoid, [plain, special]],
    ['softplus', tf.softplus, [plain, special, floats([4], [-50, -10, 10, 50])]],
    ['elu', tf.elu, [plain, special]],
    ['selu', tf.selu, [plain]],
    ['leakyRelu 0.2', (x) => tf.leakyRelu(x), [plain, special]],
    ['leakyRelu 0.01', (x) => tf.leakyRelu(x, 0.01), [plain]],
    ['step', (x) => tf.step(x), [plain, special]],
    ['step, alpha -1', (x) => tf.step(x, -1), [plain, special]],
    ['step, alpha 0.2', (x) => tf.step(x, 0.2), [plain]],
    ['floor', tf.floor, [plain, special]],
    ['ceil', tf.ceil, [plain, special]],
    [
      'round, halves to even',
      tf.round,
      [plain, floats([8], [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49, -0.51])],
    ],
    ['clipByValue', (x) => tf.clipByValue(x, -0.5, 0.7), [plain, special]],
    ['isNaN', (x) => tf.isNaN(x), [floats([4], [NaN, 1, Infinity, 0])]],
    ['isInf', (x) => tf.isInf(x), [floats([4], [NaN, 1, Infinity, -Infinity])]],
    ['isFinite', (x) => tf.isFinite(x), [floats([5], [NaN, 1, Infinity, -Infinity, 0])]],
    ['clone', (x) => tf.clone(x), [plain]],
    ['zerosLike', (x) => tf.zerosLike(x), [plain]],
    ['onesLike', (x) => tf.onesLike(x), [plain]],
  ];
  test.each(cases)('%s', async (_name, fn, inputs) => {
    expect.hasAssertions();
    for (const x of inputs) await unary(fn, x, 2e-6);
  });

  test('expm1 and log1p keep small numbers', async () => {
    const small = floats([5], [1e-8, -3e-6, 2e-4, -1e-3, 1e-10]);
    const fn = ({ x }: Readonly<Record<string, tf.Tensor>>): Record<string, tf.Tensor> => ({
      a: tf.mul(tf.expm1(x!), 1e6),
      b: tf.mul(tf.log1p(x!), 1e6),
    });
    const { compiled } = await runBoth(fn, { x: small });
    small.data.forEach((value, i) => {
      expect(compiled['a']?.data[i]).toBeCloseTo(Math.expm1(value) * 1e6, 3);
      expect(compiled['b']?.data[i]).toBeCloseTo(Math.log1p(value) * 1e6, 3);
    });
  });
});

describe('kernels of whole numbers', () => {
  const numbers = ints([6], [-7, -2, 0, 1, 3, 12]);
  const others = ints([6], [3, -3, 5, -2, 2, 12]);
  const cases: readonly [string, Unary][] = [
    ['neg', tf.neg],
    ['abs', tf.abs],
    ['sign', tf.sign],
    ['square', tf.square],
    ['relu', tf.relu],
    ['clipByValue', (x) => tf.clipByValue(x, -2, 3)],
    ['zerosLike', (x) => tf.zerosLike(x)],
  ];
  test.each(cases)('%s', async (_name, fn) => {
    expect.hasAssertions();
    await unary(fn, numbers);
  });
  const pairs: readonly [string, Binary][] = [
    ['add', tf.add],
    ['sub', tf.sub],
    ['mul', tf.mul],
    ['div', tf.div],
    ['floorDiv', tf.floorDiv],
    ['mod', tf.mod],
    ['maximum', tf.maximum],
    ['minimum', tf.minimum],
    ['squaredDifference', tf.squaredDifference],
    ['equal', tf.equal],
    ['notEqual', tf.notEqual],
    ['greater', tf.greater],
    ['less', tf.less],
    ['greaterEqual', tf.greaterEqual],
    ['lessEqual', tf.lessEqual],
  ];
  test.each(pairs)('%s', async (_name, fn) => {
    expect.hasAssertions();
    await binary(fn, numbers, others);
  });
  test('pow', async () => {
    expect.hasAssertions();
    await binary(tf.pow, ints([4], [2, 3, -2, 5]), ints([4], [3, 2, 3, 0]));
  });
  test('int32 with float32 becomes float32', async () => {
    expect.hasAssertions();
    await binary(tf.add, numbers, [6]);
  });
});

describe('kernels of two float tensors', () => {
  const cases: readonly [string, Binary][] = [
    ['add', tf.add],
    ['sub', tf.sub],
    ['mul', tf.mul],
    ['div', tf.div],
    ['maximum', tf.maximum],
    ['minimum', tf.minimum],
    ['squaredDifference', tf.squaredDifference],
    ['mod', tf.mod],
    ['floorDiv', tf.floorDiv],
    ['prelu', tf.prelu],
    ['equal', tf.equal],
    ['greater', tf.greater],
    ['lessEqual', tf.lessEqual],
  ];
  const shapes: readonly (readonly [readonly number[], readonly number[]])[] = [
    [plain, plain],
    [plain, [5]],
    [plain, [4, 1]],
    [plain, []],
    [plain, [1, 3, 1, 5]],
  ];
  test.each(cases)('%s, with broadcasting', async (_name, fn) => {
    expect.hasAssertions();
    for (const [a, b] of shapes) await binary(fn, a, b);
  });
  test('the first operand is broadcast too', async () => {
    expect.hasAssertions();
    await binary(tf.sub, [5], plain);
    await binary(tf.sub, [3, 1, 1], [4, 5]);
    await binary(tf.prelu, [2, 1], [2, 3]);
  });
  test('pow', async () => {
    expect.hasAssertions();
    await binary(tf.pow, floats([4], [0.5, 2, 3, 9]), floats([4], [2, -1, 0.5, 0]));
  });
  test('mod keeps the sign of the divisor', async () => {
    expect.hasAssertions();
    await binary(tf.mod, floats([4], [5.5, -5.5, 5.5, -5.5]), floats([4], [2, 2, -2, -2]));
  });
  test('addN', async () => {
    expect.hasAssertions();
    await expectLikeCpu(({ a, b, c }) => ({ y: tf.addN([a!, b!, c!, a!]) }), {
      a: plain,
      b: plain,
      c: plain,
    });
  });
  test('elu gradient', async () => {
    expect.hasAssertions();
    await expectLikeCpu(
      ({ dy, y }) => ({ y: tf.engine().runKernel<tf.Tensor>('EluGrad', { dy: dy!, y: y! }) }),
      { dy: [3, 4], y: seeded([3, 4], 3, 0.3) },
    );
  });
});

describe('logic', () => {
  const a = bools([4], [0, 0, 1, 1]);
  const b = bools([4], [0, 1, 0, 1]);
  const cases: readonly [string, Binary][] = [
    ['logicalAnd', tf.logicalAnd],
    ['logicalOr', tf.logicalOr],
    ['logicalXor', tf.logicalXor],
    ['equal', tf.equal],
    ['notEqual', tf.notEqual],
    ['less', tf.less],
  ];
  test.each(cases)('%s', async (_name, fn) => {
    expect.hasAssertions();
    await binary(fn, a, b);
  });
  test('logicalNot', async () => {
    expect.hasAssertions();
    await unary(tf.logicalNot, a);
  });
  test('where, with broadcasting, in each type', async () => {
    expect.hasAssertions();
    const choose = ({
      c,
      x,
      y,
    }: Readonly<Record<string, tf.Tensor>>): Record<string, tf.Tensor> => ({
      z: tf.where(c!, x!, y!),
    });
    await expectLikeCpu(choose, { c: bools([2, 1], [0, 1]), x: [2, 3], y: [3] });
    await expectLikeCpu(choose, { c: bools([3], [0, 1, 1]), x: [2, 3], y: [] });
    await expectLikeCpu(choose, { c: a, x: ints([4], [1, 2, 3, 4]), y: ints([], [9]) });
    await expectLikeCpu(choose, { c: a, x: b, y: a });
  });
});

describe('cast', () => {
  const sources: readonly [string, TestInput][] = [
    ['float32', floats([6], [-1.7, -0.2, 0, 0.9, 1, 7.5])],
    ['int32', ints([4], [-3, 0, 1, 250])],
    ['bool', bools([3], [0, 1, 1])],
  ];
  const types = ['float32', 'int32', 'bool'] as const;
  const cases = sources.flatMap(([from, x]) => types.map((to) => [from, to, x] as const));
  test.each(cases)('%s to %s', async (_from, to, x) => {
    expect.hasAssertions();
    await unary((input) => tf.cast(input, to), x);
  });
});
