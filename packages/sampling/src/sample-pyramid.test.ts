import { imageBatch, type LevelPlace, plane, type TensorValue, vector } from '@lapyra/core';
import { describe, expect, it } from 'vitest';
import type { LevelRunner } from './level-runner.js';
import { sampleImages, type SampleOptions, samplePyramid } from './sample-pyramid.js';

const place: LevelPlace = {
  size: [2, 2],
  coarse: null,
  channels: 1,
  condition: { kind: 'none' },
  transform: 'toy',
  pixels: { mean: [127.5, 127.5, 127.5], scale: [64, 64, 64], exact: false },
};

const animals: LevelPlace['condition'] = { kind: 'classes', names: ['cat', 'dog', 'frog'] };

/** Draws its four noise variables as the image, plus 100 times the class. */
function first(condition: LevelPlace['condition'] = { kind: 'none' }): LevelRunner {
  return {
    name: '2',
    place: { ...place, condition },
    noise: { z: vector(4) },
    run: async (inputs) => {
      const z = inputs['noise.z'] as TensorValue;
      const one = inputs['condition'];
      const data = Float32Array.from(z.data, (value, at) => {
        const row = Math.floor(at / 4);
        const width = one ? one.shape[1]! : 0;
        const chosen = one ? one.data.subarray(row * width, (row + 1) * width).indexOf(1) : 0;
        return value + 100 * chosen;
      });
      return { dtype: 'float32', shape: [z.shape[0]!, 2, 2, 1], data };
    },
    dispose: async () => {},
  };
}

/** Repeats each pixel 2×2 and adds its noise plane. */
function second(): LevelRunner {
  return {
    name: '4',
    place: { ...place, size: [4, 4], coarse: [2, 2] },
    noise: { z: plane([4, 4]) },
    run: async (inputs) => {
      const coarse = inputs['coarse'] as TensorValue;
      const z = inputs['noise.z'] as TensorValue;
      const data = Float32Array.from(z.data, (value, at) => {
        const row = Math.floor(at / 16);
        const y = Math.floor((at % 16) / 4);
        const x = at % 4;
        return value + coarse.data[row * 4 + Math.floor(y / 2) * 2 + Math.floor(x / 2)]!;
      });
      return { dtype: 'float32', shape: [z.shape[0]!, 4, 4, 1], data };
    },
    dispose: async () => {},
  };
}

async function byLevel(
  options: Parameters<typeof samplePyramid>[1],
): Promise<Record<string, number[]>> {
  const found: Record<string, number[]> = {};
  for await (const { level, images } of samplePyramid([first(), second()], options)) {
    (found[level] ??= []).push(...images.data);
  }
  return found;
}

describe('samplePyramid', () => {
  it('draws the same images whatever the batch', async () => {
    const whole = await sampleImages([first(), second()], { count: 7, seed: 3 });
    const parts = await sampleImages([first(), second()], { count: 7, seed: 3, batch: 2 });
    expect(whole.shape).toEqual([7, 4, 4, 1]);
    expect(parts.data).toEqual(whole.data);
    expect(new Set(whole.data).size).toBeGreaterThan(100);
  });

  it('yields each level of a batch from coarse to fine', async () => {
    const order: string[] = [];
    for await (const { level, first: at } of samplePyramid([first(), second()], {
      count: 3,
      seed: 1,
      batch: 2,
    })) {
      order.push(`${level}@${at}`);
    }
    expect(order).toEqual(['2@0', '4@0', '2@2', '4@2']);
  });

  it('rerolls one level and keeps what is below', async () => {
    const once = await byLevel({ count: 2, seed: 1 });
    const again = await byLevel({ count: 2, seed: 1, reroll: { '4': 9 } });
    expect(again['2']).toEqual(once['2']);
    expect(again['4']).not.toEqual(once['4']);
    const composition = await byLevel({ count: 2, seed: 1, reroll: { '2': 9 } });
    expect(composition['2']).not.toEqual(once['2']);
    // The detail of level 4 is what it adds to the repeated image below.
    const detail = (found: Record<string, number[]>, at: number): number =>
      found['4']![at]! - found['2']![Math.floor((at % 16) / 8) * 2 + Math.floor((at % 4) / 2)]!;
    for (let at = 0; at < 16; at += 1) {
      expect(detail(composition, at)).toBeCloseTo(detail(once, at), 5);
    }
  });

  it('starts from a given image of a level', async () => {
    const from = imageBatch([1, 2, 2, 1], Float32Array.of(10, 20, 30, 40));
    const found = await byLevel({ count: 3, seed: 1, from });
    expect(found['2']).toEqual([10, 20, 30, 40, 10, 20, 30, 40, 10, 20, 30, 40]);
    for (const [at, value] of found['4']!.entries()) {
      const pixel = Math.floor((at % 16) / 8) * 2 + Math.floor((at % 4) / 2);
      expect(Math.abs(value - from.data[pixel]!)).toBeLessThanOrEqual(1); // uniform noise on [−1, 1)
    }
    expect(found['4']!.slice(0, 16)).not.toEqual(found['4']!.slice(16, 32));
  });

  it('draws from the noise of the images that are named, and from noise that is given', async () => {
    const own = await sampleImages([first(), second()], { count: 4, seed: 5 });
    const per = own.data.length / 4;
    const image = (batch: { data: Float32Array }, at: number): number[] => [
      ...batch.data.subarray(at * per, (at + 1) * per),
    ];
    const noiseOf = [2, 2, 0, 3, 2];
    for (const batch of [64, 2]) {
      const again = await sampleImages([first(), second()], { count: 5, seed: 5, noiseOf, batch });
      expect(noiseOf.map((_, at) => image(again, at))).toEqual(noiseOf.map((of) => image(own, of)));
    }
    const z: TensorValue = { dtype: 'float32', shape: [1, 4], data: Float32Array.of(1, 2, 3, 4) };
    const given = { '2': { 'noise.z': z } };
    const fixed = await sampleImages([first()], { count: 2, seed: 5, given });
    expect([...fixed.data]).toEqual([1, 2, 3, 4, 1, 2, 3, 4]);
  });

  it('gives one-hot classes, the same for a seed whatever the batch', async () => {
    const levels = [first(animals)];
    const chosen = async (options: Parameters<typeof sampleImages>[1]): Promise<number[]> => {
      const { data } = await sampleImages(levels, options);
      return [...data].filter((_, at) => at % 4 === 0).map((value) => Math.round(value / 100) + 0);
    };
    expect(await chosen({ count: 3, seed: 1, classes: [2] })).toEqual([2, 2, 2]);
    expect(await chosen({ count: 3, seed: 1, classes: [0, 1, 2] })).toEqual([0, 1, 2]);
    const drawn = await chosen({ count: 30, seed: 1 });
    expect(await chosen({ count: 30, seed: 1, batch: 7 })).toEqual(drawn);
    expect(new Set(drawn)).toEqual(new Set([0, 1, 2]));
  });

  it.each([
    [{ count: 0 }, 'count: expected a whole number of at least 1, got 0.'],
    [{ reroll: { '5': 1 } }, "reroll: expected a level of 2, 4, got '5'."],
    [{ count: 2, noiseOf: [0] }, 'noiseOf: expected 2 images, got 1.'],
    [{ given: { '5': {} } }, "given: expected a level of 2, 4, got '5'."],
    [{ classes: [0] }, 'classes: expected a class-conditional pyramid, got one without classes.'],
    [
      { from: imageBatch([1, 3, 3, 1]) },
      "from: expected an image of a level's size (2, 4) with 1 channels, got 3 with 1.",
    ],
    [{ count: 3, from: imageBatch([2, 2, 2, 1]) }, 'from: expected 1 or 3 images, got 2.'],
  ])('refuses %j', async (options, message) => {
    const sampled = sampleImages([first(), second()], { count: 1, seed: 1, ...options });
    await expect(sampled).rejects.toThrow(message);
  });

  it.each<[LevelPlace['condition'], Partial<SampleOptions>, string]>([
    [animals, { classes: [3] }, 'classes: expected numbers from 0 to 2, got 3.'],
    [animals, { classes: [-1] }, 'classes: expected numbers from 0 to 2, got -1.'],
    [animals, { count: 3, classes: [0, 1] }, 'classes: expected 1 or 3, got 2.'],
    [
      { kind: 'embedding', width: 4 },
      { count: 2, embeddings: new Float32Array(6) },
      'embeddings: expected 2 × 4 numbers, got 6.',
    ],
    [{ kind: 'embedding', width: 4 }, {}, 'embeddings: expected 1 × 4 numbers, got none.'],
  ])('refuses, where the condition is %j, %j', async (condition, options, message) => {
    const sampled = sampleImages([first(condition)], { count: 1, seed: 1, ...options });
    await expect(sampled).rejects.toMatchObject({ code: 'LAPYRA_SAMPLE_OPTIONS', message });
  });

  it('refuses a level whose level below is missing, unless it starts there', async () => {
    const gap = {
      ...second(),
      place: { ...place, size: [8, 8] as const, coarse: [4, 4] as const },
    };
    const levels = [first(), { ...gap, name: '8' }];
    await expect(sampleImages(levels, { count: 1, seed: 1 })).rejects.toMatchObject({
      code: 'LAPYRA_SAMPLE_OPTIONS',
      message: 'level 8: expected one of 4 below, got 2.',
    });
    await expect(sampleImages([second()], { count: 1, seed: 1 })).rejects.toMatchObject({
      message: 'level 4: expected one of 2 below, got none.',
    });
  });
});
