import { randomStream } from '@lapyra/core';
import { describe, expect, it } from 'vitest';
import { principalAxes } from './principal-axes.js';

describe('principalAxes', () => {
  it('finds the axes of an ellipse, the longer first', () => {
    // (±3, 0) and (0, ±1), turned by 30°, around (5, −2).
    const [c, s] = [Math.sqrt(3) / 2, 0.5];
    const points = [
      [3, 0],
      [-3, 0],
      [0, 1],
      [0, -1],
    ].flatMap(([x, y]) => [5 + c * x! - s * y!, -2 + s * x! + c * y!]);
    const axes = principalAxes(Float32Array.from(points), 2, 2);
    expect(axes[0]).toBeCloseTo(c, 6);
    expect(axes[1]).toBeCloseTo(s, 6);
    expect(axes[2]).toBeCloseTo(-s, 6);
    expect(axes[3]).toBeCloseTo(c, 6);
  });

  it('gives orthonormal rows along which the numbers are uncorrelated, by falling variance', () => {
    const [n, length] = [300, 12];
    const vectors = new Float32Array(n * length);
    const sources = randomStream('sources').normal(n * length);
    const mixing = randomStream('mixing').normal(length * length);
    for (let v = 0; v < n; v += 1)
      for (let i = 0; i < length; i += 1)
        for (let k = 0; k < length; k += 1)
          vectors[v * length + i]! += mixing[i * length + k]! * sources[v * length + k]! * (k + 1);
    const axes = principalAxes(vectors, length, length);
    const along = (v: number, axis: number): number => {
      let sum = 0;
      for (let i = 0; i < length; i += 1)
        sum += vectors[v * length + i]! * axes[axis * length + i]!;
      return sum;
    };
    const rows = Array.from({ length }, (_, a) =>
      Array.from({ length: n }, (__, v) => along(v, a)),
    );
    const means = rows.map((row) => row.reduce((x, y) => x + y, 0) / n);
    const covariance = (a: number, b: number): number =>
      rows[a]!.reduce((sum, x, v) => sum + (x - means[a]!) * (rows[b]![v]! - means[b]!), 0) / n;
    const largest = covariance(0, 0);
    for (let a = 0; a < length; a += 1) {
      for (let b = 0; b < length; b += 1) {
        let product = 0;
        for (let i = 0; i < length; i += 1)
          product += axes[a * length + i]! * axes[b * length + i]!;
        expect(product).toBeCloseTo(a === b ? 1 : 0, 5);
        const mixed = a === b ? 0 : Math.abs(covariance(a, b));
        expect(mixed).toBeLessThan(1e-5 * largest);
      }
      const before = Math.max(0, a - 1);
      expect(covariance(a, a)).toBeLessThanOrEqual(covariance(before, before) * 1.00001);
    }
  });
});
