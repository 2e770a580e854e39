import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  boxBilinearTransform,
  type Engine,
  hostSampler,
  type Level,
  plane,
  type Size,
  type TensorValue,
} from '@lapyra/core';
import { type ImageStore, openImageStore, writeImageStore } from '@lapyra/training';
import { realImages } from '../../test/real-images.js';
import { toyPlace, toyWhitening } from '../../test/toy-data.js';
import { measureLevelNoise } from './level-noise.js';

const SIZES: readonly Size[] = [
  [8, 8],
  [14, 14],
];

let root: string;
let store: ImageStore;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'lapyra-noise-'));
  await writeImageStore(join(root, 'images'), realImages());
  store = openImageStore(join(root, 'images'), { validation: 120 });
});

afterAll(() => {
  store.close();
  rmSync(root, { recursive: true, force: true });
});

/** Not used: samplers of the levels here are plain functions. */
const engine: Engine = {
  id: 'none',
  open: () => Promise.reject(new Error('not here')),
  dispose: async () => undefined,
};

/** A level whose band is a·low + b·noise, the noise the same in all channels and uniform on [−1, 1). */
function linearLevel(a: number, b: number, index = 1, output: Level['output'] = 'band'): Level {
  const size = SIZES[index]!;
  return {
    place: { ...toyPlace, size, coarse: SIZES[index - 1] ?? null },
    noise: { z: plane(size) },
    output,
    sampler: hostSampler(async (_state, inputs): Promise<TensorValue> => {
      const { data } = inputs['noise.z']!;
      const low = inputs['low']?.data;
      const plus = output === 'image' ? 1 : 0;
      const values = Float32Array.from(
        { length: 3 * data.length },
        (_, i) => (a + plus) * (low?.[i] ?? 0) + b * data[Math.floor(i / 3)]!,
      );
      return {
        dtype: 'float32',
        shape: [data.length / (size[0] * size[1]), ...size, 3],
        data: values,
      };
    }),
    training: null,
  };
}

const measure = (level: Level, images = 60, redraws = 6): ReturnType<typeof measureLevelNoise> =>
  measureLevelNoise({
    level,
    transform: boxBilinearTransform,
    store,
    whitening: toyWhitening,
    job: { sizes: SIZES, index: SIZES.findIndex(([side]) => side === level.place.size[0]) },
    engine,
    state: {},
    seed: 1,
    images,
    redraws,
  });

describe('measureLevelNoise', () => {
  it('splits the variance of a level that adds noise to the image below', async () => {
    const plain = await measure(linearLevel(1, 0));
    expect(plain).toMatchObject({ byNoise: 0, share: 0, images: 60, redraws: 6 });
    const { byNoise, byCoarse, share } = await measure(linearLevel(0.5, 2));
    // 4 times the variance of a uniform number on [−1, 1), 1/3; a quarter of the images' own.
    expect(Math.abs(byNoise - 4 / 3)).toBeLessThan(0.02);
    expect(Math.abs(byCoarse / (plain.byCoarse / 4) - 1)).toBeLessThan(0.03);
    expect(share).toBeCloseTo(byNoise / (byNoise + byCoarse), 12);
  });

  it('takes the band of a level that draws whole images', async () => {
    const [band, image] = [
      await measure(linearLevel(0.5, 2)),
      await measure(linearLevel(0.5, 2, 1, 'image')),
    ];
    expect(image.byNoise).toBeCloseTo(band.byNoise, 5);
    expect(image.byCoarse).toBeCloseTo(band.byCoarse, 5);
  });

  it('says what real bands leave to chance at most', async () => {
    const { real, realAtMost } = await measure(linearLevel(0, 1));
    // Bands of CIFAR-10 at 14×14 deviate by some 20 of 255 (0.4 units of 50 here); images below tell a fifth, linearly.
    expect(Math.sqrt(real)).toBeGreaterThan(0.2);
    expect(Math.sqrt(real)).toBeLessThan(0.8);
    expect(realAtMost).toBeGreaterThan(0.6);
    expect(realAtMost).toBeLessThan(0.95);
  });

  it('finds nothing but noise at a first level', async () => {
    const found = await measure(linearLevel(0, 1, 0));
    expect(found.share).toBeGreaterThan(0.98);
    expect(found.realAtMost).toBeNull();
  });

  it('refuses too few images or draws', async () => {
    await expect(measure(linearLevel(0, 1), 60, 1)).rejects.toThrow(
      'noise of level 14: expected two or more validation images and draws of each, got 60 images, 1 draws of each.',
    );
  });
});
