// The gap between training and sampling, on levels whose faults are known: shifts of every value, whose distance is known too.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  boxBilinearTransform,
  hostSampler,
  type ImageBatch,
  type Level,
  type TensorValue,
} from '@lapyra/core';
import {
  type ImageStore,
  measureExposureGap,
  openImageStore,
  writeImageStore,
} from '@lapyra/training';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLevelImages } from '../src/level-views.js';
import { toyDataset, toyPlace, toySizes, toyWhitening } from './toy-data.js';

let root: string;
let store: ImageStore;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'lapyra-gap-'));
  await writeImageStore(join(root, 'images.bin'), toyDataset(100));
  store = openImageStore(join(root, 'images.bin'), { validation: 80 });
});
afterAll(() => {
  store.close();
  rmSync(root, { recursive: true, force: true });
});

const level = (index: number): Level => ({
  place: {
    ...toyPlace,
    size: toySizes[index]!,
    coarse: toySizes[index - 1] ?? null,
  },
  noise: { z: { distribution: 'normal', shape: [1] } },
  output: 'image',
  sampler: hostSampler(() => Promise.reject(new Error('not here'))),
  training: null,
});
const levels = [level(0), level(1)];
const COUNT = 40;

const truth = (index: number): ImageBatch =>
  readLevelImages(
    {
      level: levels[index]!,
      transform: boxBilinearTransform,
      store,
      whitening: toyWhitening,
      job: { sizes: toySizes, index },
    },
    'validation',
    Array.from({ length: COUNT }, (_, i) => i),
  ).image;

const shifted = ({ shape, data }: ImageBatch, by: number): TensorValue => ({
  dtype: 'float32',
  shape,
  data: data.map((x) => x + by),
});

/** The mean |v · (1, …, 1)| of random unit vectors in `dims` dimensions: √dims · Γ(dims/2) ÷ (√π Γ((dims+1)/2)). */
function shiftDistance(dims: number): number {
  // Γ(d/2) ÷ Γ((d+1)/2) is √π for d = 1 and 2 ÷ √π for d = 2.
  let ratio = dims % 2 === 0 ? 2 / Math.sqrt(Math.PI) : Math.sqrt(Math.PI);
  for (let d = dims % 2 === 0 ? 2 : 1; d < dims; d += 2) ratio *= d / (d + 1);
  return (Math.sqrt(dims) * ratio) / Math.sqrt(Math.PI);
}

function deviation({ data }: ImageBatch): number {
  const mean = data.reduce((sum, x) => sum + x, 0) / data.length;
  return Math.sqrt(data.reduce((sum, x) => sum + (x - mean) ** 2, 0) / data.length);
}

interface Faults {
  /** Added to what the first level draws. */
  readonly first?: number;
  /** Added to what the second one draws. */
  readonly always?: number;
  /** Added to that only where the coarse image is not a true one. */
  readonly onGenerated?: number;
}

function measure(
  { first = 0, always = 0, onGenerated = 0 }: Faults,
  rounds = 1,
): ReturnType<typeof measureExposureGap> {
  const [coarse, fine] = [truth(0), truth(1)];
  return measureExposureGap({
    levels,
    transform: boxBilinearTransform,
    store,
    whitening: toyWhitening,
    images: COUNT,
    rounds,
    seed: 1,
    draw: async (index, inputs) => {
      if (index === 0) return shifted(coarse, first);
      // What is above a shifted image is shifted as well: u of a constant is that constant.
      const below = inputs['coarse']!.data[0]! - coarse.data[0]!;
      const isTrue = Math.abs(below) < 1e-6;
      return shifted(fine, (isTrue ? 0 : first + onGenerated) + always);
    },
  });
}

describe('measureExposureGap', () => {
  it('is none for levels that draw what is true', async () => {
    const { images, levels: gaps, whole } = await measure({});
    expect(images).toBe(COUNT);
    expect(gaps).toHaveLength(1);
    expect(gaps[0]).toMatchObject({ level: '5', gap: { mean: 0, deviation: 0 } });
    expect(gaps[0]!.onTrue.mean).toBeLessThan(1e-3);
    expect(whole.drawn.mean).toBeLessThan(1e-3);
    expect(whole.real).toBeGreaterThan(1);
  });

  it('tells a level that is worse on generated images from one that is always as bad', async () => {
    const band = 1000 * shiftDistance(75); // patches of 5×5 with three channels
    const worse = (await measure({ first: 0.5, onGenerated: 0.2 })).levels[0]!;
    expect(worse.onTrue.mean).toBeLessThan(1e-3);
    expect(worse.onGenerated.mean / (0.2 * band)).toBeCloseTo(1, 0.5);
    expect(worse.gap.mean).toBeCloseTo(worse.onGenerated.mean - worse.onTrue.mean, 6);
    const bad = (await measure({ first: 0.5, always: 0.2 })).levels[0]!;
    expect(bad.onTrue.mean / (0.2 * band)).toBeCloseTo(1, 0.5);
    expect(Math.abs(bad.gap.mean)).toBeLessThan(0.01 * bad.onTrue.mean);
  });

  it('finds the level at which whole samples are lost, in parts that add up', async () => {
    const first = await measure({ first: 0.5 });
    const { drawn, real, lost, fromTrue } = first.whole;
    // A shift of everything is seen at the first size alone, as one of two.
    const expected = (1000 * 0.5 * shiftDistance(12)) / deviation(truth(0)) / 2;
    expect(lost[0]!.distance.mean / expected).toBeCloseTo(1, 0.5);
    expect(fromTrue.map(({ level: name }) => name)).toEqual(['2', '5']);
    expect(fromTrue[0]!.distance.mean).toBeLessThan(1e-3);
    expect(fromTrue[1]!.distance.mean).toBe(real);
    const sum = lost.reduce((total, { distance }) => total + distance.mean, real);
    expect(drawn.mean).toBeCloseTo(sum, 6);
    const second = await measure({ always: 0.5 });
    expect(Math.abs(second.whole.lost[0]!.distance.mean)).toBeLessThan(1e-3);
    expect(second.whole.lost[1]!.distance.mean + second.whole.real).toBeGreaterThan(100);
  });

  it('draws anew in each round, and gives both sides the same noise', async () => {
    const seen = new Map<string, string[]>();
    const fine = truth(1);
    const result = await measureExposureGap({
      levels,
      transform: boxBilinearTransform,
      store,
      whitening: toyWhitening,
      images: 20,
      rounds: 3,
      seed: 1,
      draw: async (index, inputs) => {
        const z = inputs['noise.z']!.data;
        const key = `${index}`;
        seen.set(key, [...(seen.get(key) ?? []), z.join()]);
        const { shape, data } = index === 0 ? truth(0) : fine;
        const some = data.slice(0, (data.length / COUNT) * 20);
        // The first value of each image moves with the noise.
        return {
          dtype: 'float32',
          shape: [20, ...shape.slice(1)],
          data: some.map((x) => x + z[0]! / 5),
        };
      },
    });
    const [whole, once] = [seen.get('1')!, seen.get('0')!];
    expect(new Set(once).size).toBe(3);
    expect(whole).toHaveLength(6);
    expect([whole[0], whole[2], whole[4]]).toEqual([whole[1], whole[3], whole[5]]);
    expect(result.levels[0]!.onGenerated.deviation).toBeGreaterThan(0);
  });

  it('refuses pyramids of one level, and too few images', async () => {
    const options = {
      levels: [level(0)],
      transform: boxBilinearTransform,
      store,
      whitening: toyWhitening,
      images: 10,
      rounds: 1,
      seed: 1,
      draw: () => Promise.reject(new Error('never')),
    };
    await expect(measureExposureGap(options)).rejects.toThrow(
      'gap: expected two or more levels and 4 or more validation images, got 1 levels and 80 images.',
    );
  });
});
