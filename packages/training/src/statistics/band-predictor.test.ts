import { describe, expect, it } from 'vitest';
import { type ImageBatch, imageBatch, randomStream } from '@lapyra/core';
import {
  type BandPredictor,
  explainedShare,
  fitBandPredictors,
  type PredictedBands,
} from './band-predictor.js';

const normal = (shape: readonly [number, number, number, number], seed: number): ImageBatch =>
  imageBatch(shape, randomStream(seed, 'test').normal(shape.reduce((a, b) => a * b, 1)));

const explained = (predictor: BandPredictor, bands: PredictedBands): number =>
  explainedShare(bands.band, predictor.predict(bands)) ?? Number.NaN;

describe('fitBandPredictors', () => {
  const SIDE = 33;
  const PLACES = 2 * SIDE;
  /** band = 0.8·(low one to the right and one down, of the other channel) + 0.6·noise; noise alone at the border. */
  function shifted(seed: number): PredictedBands {
    const low = normal([8, SIDE, SIDE, 2], seed);
    const band = normal([8, SIDE, SIDE, 2], seed + 100);
    for (let i = 0; i < band.data.length; i += 1) {
      const source = i + PLACES + 2 + (i % 2 === 0 ? 1 : -1);
      band.data[i] = 0.6 * band.data[i]! + (isInside(i) ? 0.8 * low.data[source]! : 0);
    }
    return { low, band };
  }
  const isInside = (i: number): boolean =>
    Math.floor(i / 2) % SIDE < SIDE - 1 && Math.floor(i / PLACES) % SIDE < SIDE - 1;

  it('finds what a band owes to the image below, measured on other images', () => {
    const predictor = fitBandPredictors(shifted(1), { seed: 1 }).fromCoarse!;
    const other = shifted(2);
    const inside = ({ data }: ImageBatch): ImageBatch =>
      imageBatch(
        [8, SIDE - 1, SIDE - 1, 2],
        data.filter((_, i) => isInside(i)),
      );
    // 0.8² of a variance of 1; the border teaches a little less.
    const share = explainedShare(inside(other.band), inside(predictor.predict(other)));
    expect(Math.abs(share! - 0.64)).toBeLessThan(0.02);
  });

  it('finds nothing in independent noise, and everything in a copy', () => {
    const noise = (seed: number): PredictedBands => ({
      low: normal([40, 9, 9, 1], seed),
      band: normal([40, 9, 9, 1], seed + 100),
    });
    const predictor = fitBandPredictors(noise(1), { seed: 1 }).fromNeighbours;
    expect(Math.abs(explained(predictor, noise(2)))).toBeLessThan(0.02);
    const copy = (seed: number): PredictedBands => {
      const { low } = noise(seed);
      return { low, band: low! };
    };
    const copier = fitBandPredictors(copy(1), { seed: 1 }).fromCoarse!;
    expect(explained(copier, copy(2))).toBeGreaterThan(0.99999);
  });

  /** x ← ρ·x + √(1 − ρ²)·noise along each row, an autoregressive process of variance 1. */
  function autoregressive(rho: number, seed: number): PredictedBands {
    const band = normal([20, 6, 60, 1], seed);
    for (let i = 0; i < band.data.length; i += 1)
      if (i % 60 > 0)
        band.data[i] = rho * band.data[i - 1]! + Math.sqrt(1 - rho ** 2) * band.data[i]!;
    return { low: null, band };
  }

  it.each([0.5, 0.9])('explains ρ² of an autoregressive field, ρ = %f', (rho) => {
    const predictor = fitBandPredictors(autoregressive(rho, 1), { seed: 1 }).fromNeighbours;
    // All columns but the first: 59 of 60.
    expect(
      Math.abs(explained(predictor, autoregressive(rho, 2)) - (rho ** 2 * 59) / 60),
    ).toBeLessThan(0.02);
  });

  it('knows earlier channels, and never a later one or the value itself', () => {
    // Channel 1 repeats channel 0, which is noise.
    const doubled = (seed: number): PredictedBands => {
      const band = normal([30, 8, 8, 2], seed);
      for (let i = 1; i < band.data.length; i += 2) band.data[i] = band.data[i - 1]!;
      return { low: null, band };
    };
    const predictor = fitBandPredictors(doubled(1), { seed: 1 }).fromNeighbours;
    const other = doubled(2);
    const predicted = predictor.predict(other);
    const channel = ({ shape, data }: ImageBatch, c: number): ImageBatch =>
      imageBatch(
        [...shape.slice(0, 3), 1],
        data.filter((_, i) => i % 2 === c),
      );
    expect(Math.abs(explainedShare(channel(other.band, 0), channel(predicted, 0))!)).toBeLessThan(
      0.02,
    );
    expect(explainedShare(channel(other.band, 1), channel(predicted, 1))).toBeGreaterThan(0.999);
  });

  it('depends on nothing that a decoder does not know yet', () => {
    const bands = autoregressive(0.9, 1);
    const predictor = fitBandPredictors(bands, { seed: 1 }).fromNeighbours;
    const before = predictor.predict(bands);
    const at = 3 * 60 + 30;
    const changed = imageBatch(bands.band.shape, bands.band.data.slice());
    changed.data.fill(99, at, 360); // this value and all that follow in the first image
    const after = predictor.predict({ low: null, band: changed });
    expect(after.data.subarray(0, at + 1)).toEqual(before.data.subarray(0, at + 1));
    expect(after.data[at + 1]).not.toBe(before.data[at + 1]);
  });

  it('takes images without variance', () => {
    const flat = { low: imageBatch([2, 4, 4, 3]), band: imageBatch([2, 4, 4, 3]) };
    const predictor = fitBandPredictors(flat, { seed: 1 }).fromNeighbours;
    expect(predictor.predict(flat).data.every((value) => value === 0)).toBe(true);
    expect(explainedShare(flat.band, predictor.predict(flat))).toBeNull();
  });

  it('refuses none', () => {
    const none = { low: null, band: imageBatch([0, 4, 4, 1]) };
    expect(() => fitBandPredictors(none, { seed: 1 }).fromNeighbours).toThrow(
      'prediction: expected images, got none.',
    );
  });
});
