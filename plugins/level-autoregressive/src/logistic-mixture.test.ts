// The mixture against sums over all values, hand-written doubles, finite differences and counts of what is drawn.
import '@tensorflow/tfjs-backend-cpu';
import { randomStream } from '@lapyra/core';
import { valueAndGrads } from '@lapyra/nn';
import { expectClose, finiteDifference } from '@lapyra/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { mixtureLogProbability } from '../test/mixture-by-hand.js';
import { logisticMixture } from './logistic-mixture.js';

/** Parameters of `rows` pixels, spread wide enough for narrow, broad and outlying components. */
function parametersOf(
  mixture: { readonly parameters: number },
  rows: number,
  spread = 2,
): number[][] {
  const stream = randomStream(1, 'parameters', rows);
  return Array.from({ length: rows }, () =>
    Array.from(stream.normal(mixture.parameters), (value) => spread * value),
  );
}

/** Log-probabilities of several values of one pixel. */
function logProbabilities(
  mixture: ReturnType<typeof logisticMixture>,
  parameters: readonly number[],
  values: readonly (readonly number[])[],
): Float32Array {
  return tf.tidy(() =>
    mixture
      .logProbability(
        tf.tensor2d(values.map(() => [...parameters])),
        tf.tensor2d(values.map((one) => [...one])),
      )
      .dataSync<'float32'>(),
  );
}

const all = Array.from({ length: 256 }, (_, value) => value);

describe('logisticMixture', () => {
  it('gives all values of a pixel a probability of 1 together, whatever the parameters', () => {
    const mixture = logisticMixture(1, 3);
    for (const parameters of parametersOf(mixture, 20)) {
      const logs = logProbabilities(
        mixture,
        parameters,
        all.map((value) => [value]),
      );
      expect(logs.every(Number.isFinite)).toBe(true);
      const total = logs.reduce((sum, log) => sum + Math.exp(log), 0);
      expect(total).toBeCloseTo(1, 5);
    }
  });

  it('gives all pairs of values of two channels a probability of 1 together', () => {
    const mixture = logisticMixture(2, 2);
    const [parameters] = parametersOf(mixture, 1);
    const pairs = all.flatMap((first) => all.map((second) => [first, second]));
    const logs = logProbabilities(mixture, parameters!, pairs);
    expect(logs.reduce((sum, log) => sum + Math.exp(log), 0)).toBeCloseTo(1, 5);
  });

  it('has the probabilities of one logistic by hand', () => {
    // Mean 0 is between 127 and 128; raw scale 0 is e^−2. In steps of a value the scale is 127.5·e^−2 = 17.2552 values.
    const mixture = logisticMixture(1, 1);
    const logs = logProbabilities(mixture, [0, 0, 0], [[0], [127], [200], [255]]);
    const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
    const scale = 127.5 * Math.exp(-2);
    expectClose(
      logs,
      [
        Math.log(sigmoid(-127 / scale)),
        Math.log(sigmoid(0) - sigmoid(-1 / scale)),
        Math.log(sigmoid(73 / scale) - sigmoid(72 / scale)),
        Math.log(sigmoid(-127 / scale)),
      ],
      { relative: 1e-5 },
    );
  });

  it('agrees with doubles for three channels whose means lean on each other', () => {
    const mixture = logisticMixture(3, 4);
    expect(mixture.parameters).toBe(4 * (1 + 3 + 3 + 3));
    const stream = randomStream(2, 'values');
    for (const parameters of parametersOf(mixture, 8, 1)) {
      const values = [[0, 255, 128], ...[1, 2, 3].map(() => [...stream.integers(3, 256)])];
      expectClose(
        logProbabilities(mixture, parameters, values),
        values.map((one) => mixtureLogProbability(parameters, one, 4)),
        { relative: 2e-5, absolute: 1e-4 },
      );
    }
  });

  it('keeps its digits where a difference of distribution functions has none', () => {
    // 255 values away from the mean the difference is 1 − 1 in float32; log F is −255/scale + log(1 − e^(−1/scale)).
    const mixture = logisticMixture(1, 1);
    const [log] = logProbabilities(mixture, [0, -1.1, 0], [[100]]);
    const scale = 127.5 * Math.exp(-2);
    const mean = 127.5 * -1.1;
    const distance = (100 - 127.5 - mean + 0.5) / scale;
    expect(log).toBeCloseTo(
      -distance +
        Math.log(Math.expm1(1 / scale)) -
        Math.log1p(Math.exp(-distance)) -
        Math.log1p(Math.exp(1 / scale - distance)),
      4,
    );
  });

  it('has the gradient of finite differences', () => {
    const mixture = logisticMixture(2, 2);
    const [parameters] = parametersOf(mixture, 1, 1);
    const values = [
      [0, 77],
      [190, 255],
    ];
    const { gradients } = valueAndGrads(
      ({ p }) => tf.sum(mixture.logProbability(tf.tile(p!, [2, 1]), tf.tensor2d(values))),
      { p: tf.tensor2d([parameters!]) },
    );
    const expected = finiteDifference(
      (point) => values.reduce((sum, one) => sum + mixtureLogProbability([...point], one, 2), 0),
      parameters!,
    );
    expectClose(gradients['p']!.dataSync<'float32'>(), expected, {
      relative: 1e-3,
      absolute: 1e-3,
    });
  });

  it('draws values as often as they are probable', () => {
    const mixture = logisticMixture(2, 2);
    const [parameters] = parametersOf(mixture, 1, 1);
    const count = 40_000;
    const uniform = randomStream(3, 'draws')
      .uniform(count * 3)
      .map((u) => u + 2 ** -25);
    const drawn = tf.tidy(() =>
      mixture
        .draw(tf.tile(tf.tensor2d([parameters!]), [count, 1]), tf.tensor2d(uniform, [count, 3]))
        .dataSync<'float32'>(),
    );
    // Cells of 16×16 pairs; those with too few are left to the rest.
    const cells = new Map<number, { expected: number; got: number }>();
    const cell = (a: number, b: number): { expected: number; got: number } => {
      const key = (a >> 4) * 16 + (b >> 4);
      const known = cells.get(key) ?? { expected: 0, got: 0 };
      cells.set(key, known);
      return known;
    };
    for (let at = 0; at < count; at += 1) cell(drawn[2 * at]!, drawn[2 * at + 1]!).got += 1;
    for (const a of all)
      for (const b of all)
        cell(a, b).expected += count * Math.exp(mixtureLogProbability(parameters!, [a, b], 2));
    const filled = [...cells.values()].filter(({ expected }) => expected >= 8);
    expect(filled.length).toBeGreaterThan(20);
    const chiSquare = filled.reduce(
      (sum, { expected, got }) => sum + (got - expected) ** 2 / expected,
      0,
    );
    // Mean n, deviation √(2n): four deviations above.
    expect(chiSquare).toBeLessThan(filled.length + 4 * Math.sqrt(2 * filled.length));
  });
});
