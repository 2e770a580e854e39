import { describe, expect, it } from 'vitest';
import type { LapyraError } from '../error.js';
import { inverseNormal } from './inverse-normal.js';
import { philoxFill } from './philox.js';
import { randomKey } from './random-key.js';
import { randomStream } from './random-stream.js';

function wordsOf(path: (string | number)[], count: number): number[] {
  const words = new Uint32Array(count);
  philoxFill(randomKey(path), 0, words);
  return [...words];
}

function moments(values: Float32Array): {
  mean: number;
  variance: number;
  skew: number;
  kurtosis: number;
} {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const central = (power: number): number =>
    values.reduce((sum, x) => sum + (x - mean) ** power, 0) / values.length;
  const variance = central(2);
  return {
    mean,
    variance,
    skew: central(3) / variance ** 1.5,
    kurtosis: central(4) / variance ** 2,
  };
}

describe('randomStream', () => {
  it('goes on where it stopped, whatever the pieces', () => {
    const words = wordsOf(['seed', 1], 40);
    const stream = randomStream('seed', 1);
    const pieces = [3, 0, 8, 1, 12, 16].flatMap((n) => [...stream.uint32(n)]);
    expect(pieces).toEqual(words);
  });

  it('gives other numbers to other paths', () => {
    expect(randomStream('a', 'b').uint32(4)).not.toEqual(randomStream('ab').uint32(4));
  });

  it.each(['uniform', 'normal'] as const)('leaves earlier %s numbers alone', (method) => {
    const stream = randomStream(3);
    const first = stream[method](8);
    const copy = first.slice();
    stream[method](8);
    expect(first).toEqual(copy);
  });
});

describe('uniform', () => {
  it('takes the upper 24 bits of a word', () => {
    expect([...randomStream('u').uniform(9)]).toEqual(
      wordsOf(['u'], 9).map((word) => (word >>> 8) / 16777216),
    );
    expect([...randomStream('u').uniform(9, -1, 1)]).toEqual(
      wordsOf(['u'], 9).map((word) => (word >>> 8) / 8388608 - 1),
    );
  });

  it('fills [0, 1) evenly', () => {
    const values = randomStream('even').uniform(100_000);
    const { mean, variance, skew, kurtosis } = moments(values);
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.004); // 4 standard errors
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.001);
    expect(Math.abs(skew)).toBeLessThan(0.03);
    expect(Math.abs(kurtosis - 1.8)).toBeLessThan(0.02);
    const bins = new Float64Array(64);
    expect(values.every((x) => x >= 0 && x < 1)).toBe(true);
    for (const x of values) bins[Math.floor(x * 64)]! += 1;
    const chiSquare = bins.reduce((sum, n) => sum + (n - 1562.5) ** 2 / 1562.5, 0);
    expect(chiSquare).toBeLessThan(103.4); // 99.9 % point of χ² with 63 degrees of freedom
    expect(chiSquare).toBeGreaterThan(32.6); // 0.1 % point
  });

  it('has no correlation between neighbours', () => {
    const values = randomStream('neighbours').uniform(100_000, -1, 1);
    let sum = 0;
    for (let i = 1; i < values.length; i += 1) sum += values[i]! * values[i - 1]!;
    expect(Math.abs((3 * sum) / values.length)).toBeLessThan(4 / Math.sqrt(values.length));
  });
});

describe('normal', () => {
  it('is the inverse distribution function of the middle of each word', () => {
    expect([...randomStream('n').normal(50)]).toEqual(
      wordsOf(['n'], 50).map((word) => Math.fround(inverseNormal((2 * word + 1) / 2 ** 33))),
    );
  });

  it('has the moments, tails and quantiles of the normal distribution', () => {
    const n = 200_000;
    const values = randomStream('moments').normal(n);
    const { mean, variance, skew, kurtosis } = moments(values);
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(n));
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    expect(Math.abs(skew)).toBeLessThan(4 * Math.sqrt(6 / n));
    expect(Math.abs(kurtosis - 3)).toBeLessThan(4 * Math.sqrt(24 / n));
    // Φ at −3 … 3, from tables.
    for (const [x, p] of [
      [-3, 0.0013499],
      [-2, 0.0227501],
      [-1, 0.1586553],
      [0, 0.5],
      [1, 0.8413447],
      [2, 0.9772499],
      [3, 0.9986501],
    ] as const) {
      const below = values.reduce((count, value) => count + (value < x ? 1 : 0), 0) / n;
      expect(Math.abs(below - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / n));
    }
  });

  it('is the same to the bit everywhere', () => {
    // Hash, words and quantiles computed apart from this code in Python (whole numbers; mpmath 1.3 with 40 digits).
    const path = [1, '14x20', 250, 'real.plane'];
    expect(randomKey(path)).toEqual([0x99be04bd, 0x8598ced4]);
    expect([...randomStream(...path).uint32(4)]).toEqual([
      0x47663bdf, 0x3d819ac1, 0x1d01b69b, 0x725bfc47,
    ]);
    expect([...new Uint32Array(randomStream(...path).normal(16).buffer)]).toEqual([
      0xbf160abc, 0xbf3499b1, 0xbf9ac49d, 0xbe092d7c, 0xbfa43b8f, 0xbf897b2f, 0x3e15c554,
      0x3fbab63f, 0xbe9a334e, 0xbee168fb, 0x3fc82cca, 0xbe9c4fc2, 0x3e69ad30, 0xbf2f90e6,
      0xbf57e48f, 0xbf9a8a62,
    ]);
  });
});

describe('integers', () => {
  it('takes 53 bits of two words', () => {
    const words = wordsOf(['i'], 12);
    const expected = Array.from({ length: 6 }, (_, i) => {
      const bits = (BigInt(words[2 * i]! >>> 5) << 26n) | BigInt(words[2 * i + 1]! >>> 6);
      return Number((bits * 45_000n) >> 53n);
    });
    expect([...randomStream('i').integers(6, 45_000)]).toEqual(expected);
  });

  it('gives every number equally often', () => {
    const counts = new Float64Array(10);
    for (const i of randomStream('dice').integers(100_000, 10)) counts[i]! += 1;
    const chiSquare = counts.reduce((sum, n) => sum + (n - 10_000) ** 2 / 10_000, 0);
    expect(chiSquare).toBeLessThan(27.9); // 99.9 % point of χ² with 9 degrees of freedom
  });

  it('can give only one number', () => {
    expect([...randomStream('one').integers(3, 1)]).toEqual([0, 0, 0]);
  });
});

describe('keep', () => {
  it('keeps the mean at 1', () => {
    const factors = randomStream('drop').keep(100_000, 0.7);
    const kept = factors.filter((x) => x > 0);
    expect([...new Set(factors)].sort((a, b) => a - b)).toEqual([0, Math.fround(1 / 0.7)]);
    expect(Math.abs(kept.length / 100_000 - 0.7)).toBeLessThan(4 * Math.sqrt(0.21 / 100_000));
  });

  it('compares halves of the words with the probability, the low half first', () => {
    for (const count of [10, 11]) {
      const words = randomStream('halves').uint32(6);
      const halves = [...words].flatMap((word) => [word % 2 ** 16, Math.floor(word / 2 ** 16)]);
      expect([...randomStream('halves').keep(count, 0.25)]).toEqual(
        halves.slice(0, count).map((half) => (half < 2 ** 14 ? 4 : 0)),
      );
    }
  });

  it('keeps everything with probability 1', () => {
    expect(randomStream('all').keep(1000, 1)).toEqual(new Float32Array(1000).fill(1));
  });
});

describe('bad arguments', () => {
  const stream = randomStream(1);
  it.each([
    ['a negative count', () => stream.uniform(-1)],
    ['a fractional count', () => stream.normal(1.5)],
    ['bounds the wrong way round', () => stream.uniform(1, 2, 1)],
    ['a bound of 0', () => stream.integers(1, 0)],
    ['a probability of 0', () => stream.keep(1, 0)],
    ['a probability of NaN', () => stream.keep(1, Number.NaN)],
  ])('%s is refused', (_, call) => {
    expect(call).toThrow(expect.objectContaining({ code: 'LAPYRA_RANDOM_RANGE' }) as LapyraError);
  });
});
