// Spectral normalisation against singular values known beforehand, finite differences, and the compiler.
import {
  conv2d,
  convTranspose2d,
  inference,
  linear,
  type Module,
  relu,
  sequential,
  spectralNorm,
  valueAndGrads,
} from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { compiled } from './compiled.js';
import { expectClose, finiteDifferences, seeded, values } from './numbers.js';

beforeAll(() => tf.setBackend('cpu'));

/** [[3, 0], [4, 5]] has the singular values √45 and √5. */
const weight = tf.tensor2d([3, 0, 4, 5], [2, 2]);
const layer = linear({ in: 2, out: 2, bias: false });
const eye = tf.tensor2d([1, 0, 0, 1], [2, 2]);

/** A pass that keeps its vector: value and the new vector. */
function pass(module: Module, state: Record<string, tf.Tensor>, x: tf.Tensor): tf.Tensor[] {
  const updates: Record<string, tf.Tensor> = {};
  const y = module.apply(state, x, { training: true, masks: {}, updates });
  expect(Object.keys(updates)).toEqual(['u']);
  return [y, updates['u']!];
}

describe('spectralNorm', () => {
  it('adds a statistic to the state of its layer', () => {
    const { state } = spectralNorm(conv2d({ in: 2, out: 5, kernel: 3 }));
    expect(Object.keys(state)).toEqual(['weight', 'bias', 'u']);
    expect(state['u']).toEqual({ shape: [5], role: 'statistic', initial: { normal: [0, 1] } });
  });

  it('makes one step of power iteration a pass, worked by hand', () => {
    // u = (1, 0): Wu = (3, 4), v = (0.6, 0.8); Wᵀv = (5, 4), u' = (5, 4)/√41, σ = √41.
    const [y, u] = pass(spectralNorm(layer), { weight, u: tf.tensor1d([1, 0]) }, eye);
    const root = Math.sqrt(41);
    expectClose(u, { shape: [2], data: [5 / root, 4 / root] });
    expectClose(y, { shape: [2, 2], data: [3 / root, 0, 4 / root, 5 / root] });
  });

  it('comes to the largest singular value over passes, or with more iterations', () => {
    let u: tf.Tensor = tf.tensor1d([1, 0]);
    let y: tf.Tensor = eye;
    for (let i = 0; i < 12; i++)
      [y, u] = pass(spectralNorm(layer), { weight, u }, eye) as [tf.Tensor, tf.Tensor];
    const wanted = { shape: [2, 2], data: [3, 0, 4, 5].map((value) => value / Math.sqrt(45)) };
    expectClose(y, wanted);
    const many = spectralNorm(layer, { iterations: 12 });
    expectClose(many.apply({ weight, u: tf.tensor1d([1, 0]) }, eye, inference), wanted);
  });

  it('keeps its vector in passes that take no updates', () => {
    const state = { weight, u: tf.tensor1d([1, 0]) };
    const still = { training: true, masks: {}, updates: null };
    const first = values(spectralNorm(layer).apply(state, eye, still));
    expect(values(spectralNorm(layer).apply(state, eye, inference))).toEqual(first);
    const updates: Record<string, tf.Tensor> = {};
    spectralNorm(layer).apply(state, eye, { training: false, masks: {}, updates });
    expect(updates).toEqual({});
  });

  it.each([
    ['conv2d', conv2d({ in: 2, out: 3, kernel: 3, padding: 'valid' })],
    ['convTranspose2d', convTranspose2d({ in: 2, out: 3, kernel: 3 })],
    ['conv2d in groups', conv2d({ in: 2, out: 4, kernel: 3, groups: 2, padding: 1 })],
  ])('scales the filters of %s as a matrix of norm 1', (_name, wrapped) => {
    const module = spectralNorm(wrapped, { iterations: 50 });
    const shape = [...wrapped.state['weight']!.shape];
    const x = seeded([2, 4, 4, 2], 1);
    const state = {
      weight: seeded(shape, 2),
      bias: tf.zeros([...wrapped.state['bias']!.shape]),
      u: seeded([...module.state['u']!.shape], 3),
    };
    const whole = wrapped.apply(state, x, inference);
    const divided = module.apply(state, x, inference);
    const norm = (y: tf.Tensor): number => tf.norm(y).dataSync()[0]!;
    const sigma = norm(whole) / norm(divided);
    expectClose(tf.mul(divided, sigma), { shape: whole.shape, data: values(whole) }, 1e-4);
    // σ² is an eigenvalue of WᵀW, so det(WᵀW − σ²) vanishes; and the largest, so no vector is stretched more.
    const matrix = tf.reshape(state.weight, [-1, shape.at(-1)!]);
    const gram = tf.matMul(matrix, matrix, true, false).arraySync() as number[][];
    const shifted = gram.map((row, i) => row.map((g, j) => g - (i === j ? sigma ** 2 : 0)));
    expect(determinant(shifted)).toBeCloseTo(0, 3);
    for (let seed = 1; seed <= 200; seed++) {
      const direction = seeded([shape.at(-1)!, 1], seed);
      expect(norm(tf.matMul(matrix, direction))).toBeLessThanOrEqual(
        sigma * norm(direction) * (1 + 1e-5),
      );
    }
  });

  it('has the gradient of W/σ(W) where the vector has settled', () => {
    const module = spectralNorm(layer, { iterations: 40 });
    const u = tf.tensor1d([1, 0.3]);
    const x = seeded([3, 2], 4);
    const loss = (w: tf.Tensor): tf.Tensor =>
      tf.sum(tf.mul(module.apply({ weight: w, u }, x, inference), seeded([3, 2], 5)));
    const { gradients } = valueAndGrads((given) => loss(given['weight']!), { weight });
    expectClose(gradients['weight'], finiteDifferences(loss, weight, 1e-2), 1e-3);
  });

  it('runs compiled as it runs eagerly: value, gradient and new vector', async () => {
    const module = spectralNorm(conv2d({ in: 2, out: 3, kernel: 3, stride: 2, padding: 1 }));
    const step = (given: Readonly<Record<string, tf.Tensor>>): Record<string, tf.Tensor> => {
      const { loss, aux, gradients } = valueAndGrads(
        ({ weight: w }) => {
          const updates: Record<string, tf.Tensor> = {};
          const y = module.apply({ ...given, weight: w! }, given['x']!, {
            training: true,
            masks: {},
            updates,
          });
          return { loss: tf.mean(tf.square(y)), aux: { ...updates, y } };
        },
        { weight: given['weight']! },
      );
      return { loss, ...aux, gradient: gradients['weight']! };
    };
    const inputs = {
      x: seeded([2, 5, 5, 2], 1),
      weight: seeded([3, 3, 2, 3], 2),
      bias: seeded([3], 3),
      u: seeded([3], 4),
    };
    const eager = step(inputs);
    for (const [name, value] of Object.entries(await compiled(step, inputs)))
      expectClose(eager[name], value);
  });

  it('refuses what is not a layer with a weight', () => {
    const code = expect.objectContaining({ code: 'LAPYRA_NN_OPTION' });
    expect(() => spectralNorm(relu())).toThrow(code);
    expect(() => spectralNorm(sequential([layer]))).toThrow(
      'spectralNorm: expected a layer with a weight of two or more axes, got ["0.weight"].',
    );
    expect(() => spectralNorm(spectralNorm(layer))).toThrow(code);
    expect(() => spectralNorm(layer, { iterations: 0 })).toThrow(code);
  });
});

/** By elimination with pivots. */
function determinant(rows: number[][]): number {
  const m = rows.map((row) => [...row]);
  let product = 1;
  for (let i = 0; i < m.length; i++) {
    const pivot = m.reduce(
      (best, row, r) => (r >= i && Math.abs(row[i]!) > Math.abs(m[best]![i]!) ? r : best),
      i,
    );
    if (pivot !== i) {
      [m[i], m[pivot]] = [m[pivot]!, m[i]!];
      product = -product;
    }
    product *= m[i]![i]!;
    if (m[i]![i] === 0) return 0;
    for (let r = i + 1; r < m.length; r++) {
      const factor = m[r]![i]! / m[i]![i]!;
      m[r] = m[r]!.map((value, c) => value - factor * m[i]![c]!);
    }
  }
  return product;
}
