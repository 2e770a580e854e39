import { describe, expect, it } from 'vitest';
import { randomStream } from '@lapyra/core';
import { histogramCode } from './code-length.js';

const COUNT = 200_000;
const normals = (seed: number, deviation: number): Float32Array =>
  randomStream(seed, 'test')
    .normal(COUNT)
    .map((x) => Math.round(deviation * x));
const laplacians = (seed: number, scale: number): Float32Array =>
  randomStream(seed, 'test')
    .uniform(COUNT, -0.5, 0.5)
    .map((u) => Math.round(-scale * Math.sign(u) * Math.log(1 - 2 * Math.abs(u))));

describe('histogramCode', () => {
  it('takes 8 bits for a uniform byte', () => {
    const bytes = (seed: number): Int32Array => randomStream(seed, 'test').integers(COUNT, 256);
    // 510 free numbers cost about 510 / (2 · 200 000 · ln 2) = 0.002 bits.
    expect(Math.abs(histogramCode(bytes(1)).bits(bytes(2)) - 8)).toBeLessThan(0.005);
  });

  it.each([3, 20])('takes log₂(σ·√(2πe)) bits for a rounded normal number, σ %i', (deviation) => {
    const bits = histogramCode(normals(1, deviation)).bits(normals(2, deviation));
    const entropy = Math.log2(deviation * Math.sqrt(2 * Math.PI * Math.E));
    expect(Math.abs(bits - entropy)).toBeLessThan(0.02);
  });

  it('takes log₂(2·e·b) bits for a rounded Laplacian number', () => {
    const bits = histogramCode(laplacians(1, 10)).bits(laplacians(2, 10));
    expect(Math.abs(bits - Math.log2(2 * Math.E * 10))).toBeLessThan(0.02);
  });

  it('takes the cross-entropy where it was made for other numbers, which is more', () => {
    const bits = histogramCode(normals(1, 20)).bits(normals(2, 10));
    // −∫ p·log₂ q for p = N(0, 10²), q = N(0, 20²).
    const cross = Math.log2(20 * Math.sqrt(2 * Math.PI)) + 0.25 / (2 * Math.LN2);
    expect(Math.abs(bits - cross)).toBeLessThan(0.02);
  });

  it('has a code for what never occurred, and takes next to nothing for what always does', () => {
    const code = histogramCode(new Int8Array(100_000));
    expect(code.bits([0])).toBeLessThan(0.005);
    // A half in 100 000 + 511/2.
    expect(code.bits([7])).toBeCloseTo(Math.log2(100_255.5 / 0.5), 9);
    expect(code.bits([7])).toBe(code.bits([-255]));
  });
});
