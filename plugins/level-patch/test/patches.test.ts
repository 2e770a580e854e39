import {
  type ImageBatch,
  imageBatch,
  type LevelData,
  randomStream,
  type Size,
  whiten,
} from '@lapyra/core';
import { patches } from '@lapyra/level-patch';
import { readCifar10Fixture } from '@lapyra/testing';
import { describe, expect, it } from 'vitest';
import { dataOf, draw, fit, makeLevel, placeAt, rootMeanSquare, some } from './make-level.js';

const SIZES: readonly Size[] = [
  [6, 7],
  [12, 14],
];
const exact = { neighbours: 1, effort: null, components: 1000, stored: 1_000_000 };

function noiseImages(count: number, seed: number): ImageBatch {
  const shape = [count, 12, 14, 2];
  return imageBatch(shape, randomStream('images', seed).normal(count * 12 * 14 * 2));
}

describe('patches of images that are stored', () => {
  it.each([
    { blend: 'seams' as const, step: 3 },
    { blend: 'average' as const, step: 2 },
    { blend: 'average' as const, step: 5, contrast: null },
  ])('gives their very bands, to rounding: %j', async (options) => {
    const level = await makeLevel({ ...exact, ...options }, placeAt(SIZES, 1, 2));
    const data = dataOf(noiseImages(5, 1), SIZES, 1);
    const state = await fit(level, data);
    expect(state['points']!.shape).toEqual([5 * 8 * 10, 7 * 7 * 2]); // every place of every image
    const band = await draw(level, state, data.views.low!);
    const truth = data.views.band!.data;
    band.data.forEach((value, i) => expect(Math.abs(value - truth[i]!)).toBeLessThan(2e-6));
  });

  it('takes the detail of the one image that is similar', async () => {
    const level = await makeLevel({ ...exact, contrast: 1e-6 }, placeAt(SIZES, 1, 2));
    const images = noiseImages(5, 1);
    const data = dataOf(images, SIZES, 1);
    const state = await fit(level, data);
    // Half the contrast, and brighter: the same detail, at half its strength.
    const faint = imageBatch(
      images.shape,
      images.data.map((value) => 3 + value / 2),
    );
    const { low, band } = dataOf(faint, SIZES, 1).views;
    const drawn = await draw(level, state, low!);
    drawn.data.forEach((value, i) => expect(Math.abs(value - band!.data[i]!)).toBeLessThan(1e-5));
  });
});

describe('the choice among the nearest', () => {
  const data = dataOf(noiseImages(6, 2), SIZES, 1);
  const { low } = dataOf(noiseImages(2, 3), SIZES, 1).views;

  it('needs no noise for one, and noise for each patch otherwise', async () => {
    const place = placeAt(SIZES, 1, 2);
    expect((await makeLevel({ neighbours: 1 }, place)).noise).toEqual({});
    // Patches of 5 begin at 0, 3, 6, 7 of 12 rows and at 0, 3, 6, 9 of 14 columns.
    const { noise } = await makeLevel({ neighbours: 3 }, place);
    expect(noise).toEqual({ choice: { distribution: 'uniform', shape: [4, 4, 1] } });
  });

  it('is the same with the same seed, and differs with another', async () => {
    for (const blend of ['seams', 'average'] as const) {
      const level = await makeLevel({ neighbours: 4, blend, stored: 300 }, placeAt(SIZES, 1, 2));
      const state = await fit(level, data);
      const [first, again, other] = [
        await draw(level, state, low!, 1),
        await draw(level, state, low!, 1),
        await draw(level, state, low!, 2),
      ];
      expect(again.data).toEqual(first.data);
      const apart = first.data.map((value, i) => value - other.data[i]!);
      expect(rootMeanSquare(apart)).toBeGreaterThan(0.1 * rootMeanSquare(first.data));
    }
  });

  it('leans to patches that agree with what is placed, the more so the larger `agreement`', async () => {
    // All enlarged images are alike; of the bands one is 1 everywhere, the other −1.
    const sizes: readonly Size[] = [
      [4, 4],
      [8, 8],
    ];
    const two: LevelData = {
      count: 2,
      read: async () => {
        const data = Float32Array.from({ length: 128 }, (_, i) => (i < 64 ? 1 : -1));
        const shape = [2, 8, 8, 1];
        return {
          low: { dtype: 'float32', shape, data: new Float32Array(128) },
          band: { dtype: 'float32', shape, data },
        };
      },
    };
    const enlarged = imageBatch([8, 8, 8, 1]);
    const bands = async (agreement: number, blend: 'seams' | 'average'): Promise<number[][]> => {
      const options = { patch: 4, step: 2, neighbours: 50, contrast: null, agreement, blend };
      const level = await makeLevel(options, placeAt(sizes, 1, 1));
      const drawn = (await draw(level, await fit(level, two), enlarged)).data;
      return Array.from({ length: 8 }, (_, i) => [...drawn.slice(i * 64, (i + 1) * 64)]);
    };
    for (const blend of ['seams', 'average'] as const) {
      const uniform = (band: number[]): boolean =>
        band.every((value) => Math.abs(value - band[0]!) < 1e-6);
      const agreeing = await bands(50, blend);
      expect(agreeing.every(uniform)).toBe(true);
      // Which of the two it is, is chosen by the first patch's noise.
      expect(new Set(agreeing.map(([value]) => Math.round(value!)))).toEqual(new Set([1, -1]));
      expect((await bands(0, blend)).some(uniform)).toBe(false);
    }
  });
});

describe('fit', () => {
  const place = placeAt(SIZES, 1, 2);
  const data = dataOf(noiseImages(70, 4), SIZES, 1);

  it('keeps as many patches as it is told to, of many images, by its seed', async () => {
    const level = await makeLevel({ stored: 1000, components: 9 }, place);
    const state = await fit(level, data, 1);
    expect(state['points']!.shape).toEqual([1000, 9]);
    expect(state['details']!.shape).toEqual([1000, 5 * 5 * 2]);
    expect(await fit(level, data, 1)).toEqual(state);
    expect((await fit(level, data, 2))['details']!.data).not.toEqual(state['details']!.data);
    // Each stored detail is some place of some band, divided by a contrast: no two are the same.
    const rows = Array.from({ length: 1000 }, (_, i) =>
      [...state['details']!.data.slice(i * 50, i * 50 + 3)].join(),
    );
    expect(new Set(rows).size).toBe(1000);
  });

  it('says how far it is, and stops when it is told to', async () => {
    const level = await makeLevel({ stored: 1100 }, place);
    if (level.training?.kind !== 'host') throw new Error('expected a level that fits itself');
    const seen: { done: number; total: number; note?: string }[] = [];
    const stop = new AbortController();
    await level.training.fit(data, {
      seed: 1,
      signal: stop.signal,
      report: (progress) => seen.push(progress),
    });
    expect(seen[0]).toEqual({ done: 1024, total: 1100, note: 'collecting patches' });
    expect(seen[1]!.done).toBe(1100);
    expect(new Set(seen.map(({ note }) => note))).toEqual(
      new Set(['collecting patches', 'finding principal axes', 'building the search tree']),
    );
    stop.abort(new Error('enough'));
    const aborted = level.training.fit(data, {
      seed: 1,
      signal: stop.signal,
      report: () => undefined,
    });
    await expect(aborted).rejects.toThrow('enough');
  });

  it('draws no more once it is told to stop', async () => {
    const level = await makeLevel({ stored: 100 }, place);
    const state = await fit(level, data);
    if (!('kind' in level.sampler)) throw new Error('expected a sampler on the host');
    const opened = await level.sampler.open(state, {} as never);
    const low = { dtype: 'float32' as const, ...data.views.low! };
    const stopped = opened.sample(
      { low },
      { signal: AbortSignal.abort(new Error('enough')), report: () => undefined },
    );
    await expect(stopped).rejects.toThrow('enough');
  });

  it('refuses images that are not finite', async () => {
    const broken = noiseImages(3, 5);
    broken.data[100] = Number.NaN;
    const level = await makeLevel({ stored: 5000 }, place);
    await expect(fit(level, dataOf(broken, SIZES, 1))).rejects.toMatchObject({
      code: 'LAPYRA_LEVEL_TRAINING',
      message: 'patches at 12x14: expected images of finite numbers, got others.',
    });
  });
});

describe('on real images', () => {
  it('averaged patches are nearer to the truth than none; joined by seams they have nearly its detail', async () => {
    const sizes: readonly Size[] = [
      [14, 14],
      [28, 28],
    ];
    const { pixels, shape } = readCifar10Fixture();
    const channel = { shape: [1, 1, 1, 3] as const, mean: Float32Array.of(125, 123, 114) };
    const whitening = { kind: 'channel' as const, ...channel, scale: Float32Array.of(63, 62, 67) };
    const full = whiten(pixels, shape, whitening);
    const cut = imageBatch([shape[0], 28, 28, 3]);
    for (let i = 0; i < shape[0]; i += 1)
      for (let y = 0; y < 28; y += 1)
        cut.data.set(
          full.data.subarray(((i * 32 + y + 2) * 32 + 2) * 3, ((i * 32 + y + 2) * 32 + 30) * 3),
          (i * 28 + y) * 28 * 3,
        );
    const training = dataOf(some(cut, 0, 500), sizes, 1);
    const { low, band } = dataOf(some(cut, 500, 512), sizes, 1).views;
    const place = placeAt(sizes, 1, 3);
    const smooth = await makeLevel(
      { stored: 10_000, neighbours: 1, step: 1, blend: 'average' },
      place,
    );
    const sharp = await makeLevel({ stored: 10_000, neighbours: 1 }, place);
    const state = await fit(smooth, training);
    const error = async (drawn: ArrayLike<number>): Promise<number> =>
      rootMeanSquare(band!.data.map((value, i) => value - drawn[i]!));
    const [averaged, joined] = [await draw(smooth, state, low!), await draw(sharp, state, low!)];
    const real = rootMeanSquare(band!.data); // the error of plain upsampling
    expect(await error(averaged.data)).toBeLessThan(0.97 * real);
    expect(rootMeanSquare(averaged.data)).toBeLessThan(0.6 * real);
    expect(rootMeanSquare(joined.data)).toBeGreaterThan(0.7 * real);
    expect(rootMeanSquare(joined.data)).toBeLessThan(1.1 * real);
  });
});

describe('bad options and places', () => {
  const refusal = async (options: object): Promise<string> => {
    const { issues = [] } = await patches.plugin.options['~standard'].validate(options);
    return issues
      .map(
        ({ message, path }) =>
          `${String(path?.map((part) => (part as { key: unknown }).key))}: ${message}`,
      )
      .join();
  };

  it.each([
    [{ patch: 1, step: 1 }, 'patch: Invalid value: Expected >=2 but received 1'],
    [
      { patch: 4, step: 5 },
      'step: expected at most the side of a patch, got more: patches have to touch',
    ],
    [{ neighbours: 0 }, 'neighbours: Invalid value: Expected >=1 but received 0'],
    [{ stored: 1.5 }, 'stored: Invalid integer: Received 1.5'],
    [{ blend: 'mix' }, 'blend: Invalid type: Expected ("seams" | "average") but received "mix"'],
    [{ contrast: 0 }, 'contrast: Invalid value: Expected >0 but received 0'],
    [{ effort: 0 }, 'effort: Invalid value: Expected >=1 but received 0'],
    [{ agreement: -1 }, 'agreement: Invalid value: Expected >=0 but received -1'],
  ])('refuses %j', async (options, message) => {
    expect(await refusal(options)).toBe(message);
  });

  it('refuses the first place of a pyramid, and images smaller than a patch', async () => {
    await expect(makeLevel({}, placeAt([[8, 8]], 0, 3))).rejects.toMatchObject({
      code: 'LAPYRA_LEVEL_PLACE',
      message: 'patches at 8: expected a level below, got the first place of the pyramid.',
    });
    const small: readonly Size[] = [
      [2, 3],
      [4, 6],
    ];
    await expect(makeLevel({}, placeAt(small, 1, 3))).rejects.toMatchObject({
      code: 'LAPYRA_LEVEL_PLACE',
      message: 'patches at 4x6: expected images of at least 5×5, the size of a patch, got 4x6.',
    });
  });
});
