import {
  boxBilinearTransform,
  burtAdelsonTransform,
  haarTransform,
  type ImageBatch,
  imageBatch,
  LapyraError,
  type NoiseSpec,
  plane,
  type PlainTransform,
  randomStream,
  type Size,
  type TensorValue,
  type TensorValues,
  vector,
} from '@lapyra/core';
import { describe, expect, it } from 'vitest';
import { enlargeImage } from './enlarge-image.js';
import type { LevelRunner } from './level-runner.js';

/** A level that draws u(coarse) and what `add` says. */
function levelOf(
  coarse: Size | null,
  size: Size,
  transform: PlainTransform = boxBilinearTransform,
  noise: NoiseSpec = {},
  add: (inputs: TensorValues, at: number) => number = () => 0,
): LevelRunner {
  return {
    name: String(size[0]),
    place: { size, coarse, channels: 3, condition: { kind: 'none' }, transform: transform.id },
    noise,
    run: async (inputs): Promise<TensorValue> => {
      const { shape, data } = inputs['coarse']!;
      const low = transform.upsample(imageBatch(shape, Float32Array.from(data)), size);
      const drawn = low.data.map((value, at) => value + add(inputs, at));
      return { dtype: 'float32', shape: low.shape, data: drawn };
    },
    dispose: async () => undefined,
  };
}

function picture(height: number, width: number): ImageBatch {
  const data = randomStream('picture', height, width).normal(height * width * 3);
  return imageBatch([1, height, width, 3], data);
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let most = 0;
  for (let at = 0; at < a.length; at += 1) most = Math.max(most, Math.abs(a[at]! - b[at]!));
  return most;
}

describe('enlargeImage', () => {
  it.each([
    ['box-bilinear', boxBilinearTransform, [14, 14], [28, 28], [37, 50]],
    ['box-bilinear, a third larger', boxBilinearTransform, [6, 9], [8, 12], [30, 21]],
    ['box-bilinear by 7/4', boxBilinearTransform, [8, 8], [14, 14], [28, 36]],
    ['burt-adelson', burtAdelsonTransform, [8, 8], [16, 16], [21, 30]],
    ['haar', haarTransform, [8, 8], [16, 16], [21, 30]],
    ['a picture smaller than a tile', boxBilinearTransform, [14, 14], [28, 28], [5, 9]],
    ['a picture of one tile', boxBilinearTransform, [14, 14], [28, 28], [14, 14]],
  ] as [string, PlainTransform, Size, Size, Size][])(
    'with a level that adds nothing is plain upsampling, to the bit: %s',
    async (_, transform, coarse, size, given) => {
      const image = picture(...given);
      const level = levelOf(coarse, size, transform);
      const result = await enlargeImage(level, transform, image, { seed: 1 });
      const larger: Size = [(given[0] * size[0]) / coarse[0], (given[1] * size[1]) / coarse[1]];
      expect(result.shape).toEqual([1, ...larger, 3]);
      expect(result.data).toEqual(transform.upsample(image, larger).data);
    },
  );

  it('draws each pixel’s noise once: the tiles of a level that adds it cannot be told', async () => {
    const noise = { z: plane([28, 28]) };
    const add = (inputs: TensorValues, at: number): number =>
      inputs['noise.z']!.data[Math.floor(at / 3)]!;
    const level = levelOf([14, 14], [28, 28], boxBilinearTransform, noise, add);
    const image = picture(37, 50);
    const draw = async (options: object): Promise<Float32Array> =>
      (await enlargeImage(level, boxBilinearTransform, image, { seed: 3, ...options })).data;
    const first = await draw({});
    const low = boxBilinearTransform.upsample(image, [74, 100]).data;
    const added = first.map((value, at) => value - low[at]!);
    expect(Math.max(...added)).toBeGreaterThan(0.99); // as large as uniform noise is: nothing was averaged away
    expect(largestDifference(await draw({ overlap: 0 }), first)).toBeLessThan(1e-5);
    expect(largestDifference(await draw({ overlap: 12, batch: 5 }), first)).toBeLessThan(1e-5);
    expect(largestDifference(await draw({ seed: 4 }), first)).toBeGreaterThan(0.5);
    expect(largestDifference(await draw({ pass: 1 }), first)).toBeGreaterThan(0.5);
  });

  it('gives other noise to all tiles alike', async () => {
    const add = (inputs: TensorValues, at: number): number => {
      const { data } = inputs['noise.z']!;
      return data[Math.floor(at / (28 * 28 * 3)) * 4]!;
    };
    const level = levelOf([14, 14], [28, 28], boxBilinearTransform, { z: vector(4) }, add);
    const image = picture(30, 30);
    const result = await enlargeImage(level, boxBilinearTransform, image, { seed: 1 });
    const low = boxBilinearTransform.upsample(image, [60, 60]).data;
    const added = result.data.map((value, at) => value - low[at]!);
    expect(
      largestDifference(
        added,
        added.map(() => added[0]!),
      ),
    ).toBeLessThan(1e-5);
    expect(added[0]).not.toBe(0);
  });

  it('tells how far it is, gives the condition to each tile, and stops when it is told to', async () => {
    const widths = new Set<string>();
    const add = (inputs: TensorValues): number => {
      widths.add(`${inputs['condition']!.shape.join()}: ${inputs['condition']!.data.at(-1)}`);
      return 0;
    };
    const level = levelOf([14, 14], [28, 28], boxBilinearTransform, {}, add);
    const seen: string[] = [];
    const options = { seed: 1, batch: 5, condition: Float32Array.of(0, 1) };
    const report = ({ done, total }: { done: number; total: number }): void => {
      seen.push(`${done}/${total}`);
    };
    const image = picture(28, 28); // tiles begin at 0, 7 and 14
    const { signal } = new AbortController();
    await enlargeImage(level, boxBilinearTransform, image, {
      ...options,
      work: { signal, report },
    });
    expect(seen).toEqual(['5/9', '9/9']);
    expect(widths).toEqual(new Set(['5,2: 1', '4,2: 1']));
    const work = { signal: AbortSignal.abort(new Error('enough')), report };
    const stopped = enlargeImage(level, boxBilinearTransform, image, { ...options, work });
    await expect(stopped).rejects.toThrow('enough');
  });

  it.each([
    [
      levelOf(null, [8, 8]),
      picture(9, 9),
      'LAPYRA_ENLARGE_LEVEL',
      'level 8: expected a refining level, got a first level.',
    ],
    [
      levelOf([8, 8], [14, 14]),
      picture(30, 28),
      'LAPYRA_ENLARGE_SIZE',
      'level 14: expected an image whose sides are multiples of 4, to grow as 8 grows to 14, got 30x28.',
    ],
  ])('refuses what does not fit', async (level, image, code, message) => {
    const refused: unknown = await enlargeImage(level, boxBilinearTransform, image, {
      seed: 1,
    }).catch((reason: unknown) => reason);
    expect(LapyraError.is(refused, code as LapyraError['code'])).toBe(true);
    expect(refused).toMatchObject({ message });
  });
});
