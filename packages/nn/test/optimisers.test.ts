// SGD and Adam against PyTorch's numbers (fixtures/make-fixtures.py), step by step.
import {
  adam,
  type AdamOptions,
  type Optimiser,
  sgd,
  type SgdOptions,
  type SgdStep,
  type StateSpec,
} from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { deviationOfAll, fixture, loadAll, type Stored, values } from './numbers.js';

interface Run<Options> {
  readonly options: Options;
  readonly weights: Record<string, Stored>;
  readonly steps: readonly {
    readonly rate: number;
    readonly momentum?: number;
    readonly gradients: Record<string, Stored>;
    readonly weights: Record<string, Stored>;
  }[];
}

const runs = fixture<{ sgd: Run<SgdOptions>[]; adam: Run<AdamOptions>[] }>('optimisers');

beforeAll(() => tf.setBackend('cpu'));

function begin(optimiser: Optimiser<SgdStep>, weights: StateSpec): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(optimiser.state(weights, 'o.')).map(([name, { shape }]) => [
      name,
      tf.zeros([...shape]),
    ]),
  );
}

function spec(shapes: Readonly<Record<string, { shape: number[] }>>): StateSpec {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, { shape }]) => [
      name,
      { shape, role: 'weight', initial: { fill: 0 } } as const,
    ]),
  );
}

/** The largest deviation from the recorded weights after any step. */
function follow(optimiser: Optimiser<SgdStep>, run: Run<unknown>): number {
  let worst = 0;
  let weights = loadAll(run.weights);
  let state = begin(optimiser, spec(run.weights));
  const names = Object.keys(state).sort();
  for (const step of run.steps) {
    const result = optimiser.update({
      prefix: 'o.',
      weights,
      gradients: loadAll(step.gradients),
      state,
      rate: tf.scalar(step.rate),
      ...(step.momentum === undefined ? {} : { momentum: tf.scalar(step.momentum) }),
    });
    ({ weights, state } = result);
    expect(Object.keys(state).sort()).toEqual(names);
    worst = Math.max(worst, deviationOfAll(weights, step.weights));
  }
  return worst;
}

describe('sgd', () => {
  it.each(runs.sgd.map((run) => [JSON.stringify(run.options), run] as const))(
    '%s agrees with PyTorch',
    (_name, run) => expect(follow(sgd(run.options), run)).toBeLessThanOrEqual(1e-6),
  );

  it('damps by the momentum, but not in the first step', () => {
    const optimiser = sgd({ momentum: 0.75 });
    const step = { prefix: 'o.', gradients: { w: tf.tensor1d([4]) }, rate: tf.scalar(0.5) };
    const one = optimiser.update({
      ...step,
      weights: { w: tf.tensor1d([10]) },
      state: begin(optimiser, spec({ w: { shape: [1] } })),
    });
    expect(values(one.weights['w'])).toEqual([8]); // 10 − 0.5·4
    const two = optimiser.update({
      ...step,
      gradients: { w: tf.tensor1d([8]) },
      weights: one.weights,
      state: one.state,
    });
    expect(values(two.weights['w'])).toEqual([5.5]); // 8 − 0.5·(0.75·4 + 0.25·8)
  });

  it('has no state without momentum', () => {
    expect(sgd().state(spec({ w: { shape: [2] } }), 'o.')).toEqual({});
  });

  it('keeps slots for weights only', () => {
    const weight = { shape: [2], role: 'weight', initial: { fill: 0 } } as const;
    const statistic = { shape: [2], role: 'statistic', initial: { fill: 0 } } as const;
    const state = sgd({ momentum: 0.5 }).state({ 'n.weight': weight, 'n.mean': statistic }, 'o.');
    expect(Object.keys(state)).toEqual(['o.moving', 'o.velocity.n.weight']);
  });

  it.each([
    [{ momentum: 1 }],
    [{ momentum: 0.9, dampening: 2 }],
    [{ nesterov: true }],
    [{ momentum: 0.9, nesterov: true, dampening: 0.5 }],
  ] as const)('refuses %j', (options) => {
    expect(() => sgd(options)).toThrow(expect.objectContaining({ code: 'LAPYRA_NN_OPTION' }));
  });

  it('says which gradient and which scalar is missing', () => {
    const step = { prefix: '', weights: { w: tf.zeros([1]) }, gradients: {}, rate: tf.scalar(1) };
    expect(() => sgd().update({ ...step, state: {} })).toThrow(
      "sgd gradients: expected a tensor 'w', got none.",
    );
    expect(() =>
      sgd({ momentum: 'scheduled' }).update({ ...step, state: { moving: tf.scalar(0) } }),
    ).toThrow("sgd: expected a tensor 'momentum', got none.");
  });
});

describe('adam', () => {
  it.each(runs.adam.map((run) => [JSON.stringify(run.options), run] as const))(
    '%s agrees with PyTorch',
    (_name, run) => expect(follow(adam(run.options), run)).toBeLessThanOrEqual(1e-6),
  );

  it('moves by the rate in the first step, whatever the size of the gradient', () => {
    const optimiser = adam();
    const { weights } = optimiser.update({
      prefix: 'o.',
      weights: { w: tf.tensor1d([1, 1, 1]) },
      gradients: { w: tf.tensor1d([1e-3, -1, 1e3]) },
      state: begin(optimiser, spec({ w: { shape: [3] } })),
      rate: tf.scalar(0.25),
    });
    expect(values(weights['w']).map((w) => Math.round(w * 1e4) / 1e4)).toEqual([0.75, 1.25, 0.75]);
  });

  it('refuses betas outside [0, 1)', () => {
    expect(() => adam({ beta2: 1 })).toThrow(expect.objectContaining({ code: 'LAPYRA_NN_OPTION' }));
  });
});

describe('tiny optimiser state', () => {
  const SMALLEST_NORMAL = 2 ** -126;
  const optimiser = sgd({ momentum: 0.5 });
  const decay = (velocity: tf.Tensor): tf.Tensor => {
    const { state } = optimiser.update({
      prefix: '',
      weights: { w: tf.zerosLike(velocity) },
      gradients: { w: tf.zerosLike(velocity) },
      state: { moving: tf.scalar(1), 'velocity.w': velocity },
      rate: tf.scalar(1),
    });
    return state['velocity.w']!;
  };

  it('becomes zero and is never denormal on the way', () => {
    let velocity: tf.Tensor = tf.tensor1d([1, -3, 1e-20]);
    for (let step = 0; step < 150; step += 1) {
      velocity = decay(velocity);
      for (const value of values(velocity)) {
        expect(value === 0 || Math.abs(value) >= SMALLEST_NORMAL, `${value} at ${step}`).toBe(true);
      }
    }
    expect(values(velocity).every((value) => value === 0)).toBe(true); // 3 · 2⁻¹⁵⁰ is far below
  });

  it('leaves other values as they are, those that are not finite too', () => {
    const given = [1, -1e-20, 3e20, Number.NaN, Number.POSITIVE_INFINITY];
    expect(values(decay(tf.tensor1d(given)))).toEqual([...Float32Array.from(given, (x) => x / 2)]);
    expect(values(decay(tf.tensor1d([1e-29])))[0]).toBeCloseTo(5e-30, 35);
  });
});
