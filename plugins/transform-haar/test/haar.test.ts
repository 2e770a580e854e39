import {
  imageBatch,
  isPlugin,
  type LapyraError,
  plainViews,
  randomStream,
  type Size,
} from '@lapyra/core';
import { haar } from '@lapyra/transform-haar';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const { plain, tensor } = await haar.plugin.create({}, undefined);

function worst(got: tf.Tensor | null, wanted: Float32Array): number {
  const values = got?.dataSync() ?? [];
  return wanted.reduce((most, x, i) => Math.max(most, Math.abs(x - (values[i] as number))), 0);
}

describe('haar', () => {
  it('describes itself and makes a transform', async () => {
    expect(isPlugin(haar)).toBe(true);
    expect(haar()).toEqual({ use: `${manifest.name}#haar`, options: {} });
    expect(manifest.lapyra).toEqual({
      contract: haar.plugin.contract,
      plugins: { haar: 'transform' },
    });
    expect(plain).toMatchObject({ id: 'haar', chained: true });
    expect(await haar.plugin.options['~standard'].validate({ levels: 2 })).toMatchObject({
      issues: [{ path: [{ key: 'levels' }] }],
    });
  });

  const pyramids: Size[][] = [
    [
      [7, 7],
      [14, 14],
      [28, 28],
    ],
    [
      [1, 3],
      [2, 6],
      [4, 12],
    ],
  ];
  const cases = pyramids.flatMap((sizes) =>
    [1, 3, 4].map((channels) => ({ sizes, names: sizes.join(' '), channels })),
  );

  it.each(cases)(
    'has halves that agree to the bit on $names, $channels channels',
    ({ sizes, channels }) => {
      const [height, width] = sizes.at(-1)!;
      const shape = [3, height, width, channels] as const;
      const pixels = randomStream('halves').integers(3 * height * width * channels, 256);
      // Small binary fractions: all sums are exact, so both halves give the same bits.
      const full = imageBatch(
        shape,
        Float32Array.from(pixels, (x) => (x - 128) / 64),
      );
      const whitening = {
        mean: tf.fill([1, 1, 1, channels], 128),
        scale: tf.fill([1, 1, 1, channels], 64),
      };
      for (let index = 0; index < sizes.length; index += 1) {
        const wanted = plainViews(plain, full, sizes, index);
        const got = tensor.views(tf.tensor4d(pixels, [...shape], 'int32'), whitening, sizes, index);
        for (const part of ['image', 'coarse', 'low', 'band'] as const) {
          expect(got[part]?.shape).toEqual(wanted[part]?.shape);
          expect(worst(got[part], wanted[part]?.data ?? new Float32Array())).toBe(0);
        }
        const joined = got.low && got.band ? tensor.join(got.low, got.band) : got.image;
        expect(worst(joined, wanted.image.data)).toBe(0);
      }
    },
  );

  it('sums as the pooling of tfjs, and repeats as its resize', () => {
    const fine = tf.tensor4d(randomStream('pool').normal(2 * 8 * 12 * 3), [2, 8, 12, 3]);
    const pooled = tf.mul(tf.avgPool(fine, 2, 2, 'valid'), 2);
    expect(worst(tensor.downsample(fine, [4, 6]), pooled.dataSync<'float32'>())).toBeLessThan(1e-6);
    const repeated = tf.div(tf.image.resizeNearestNeighbor(fine, [16, 24]), 2);
    expect(worst(tensor.upsample(fine, [16, 24]), repeated.dataSync<'float32'>())).toBe(0);
  });

  it('lets gradients through: d and u are each other’s transpose, as in any orthonormal transform', () => {
    const coarse = tf.tensor4d(randomStream('coarse').normal(2 * 4 * 6 * 3), [2, 4, 6, 3]);
    const fine = tf.tensor4d(randomStream('fine').normal(2 * 8 * 12 * 3), [2, 8, 12, 3]);
    const throughU = tf.grad((x) => tf.sum(tf.mul(tensor.upsample(x, [8, 12]), fine)))(coarse);
    expect(worst(throughU, tensor.downsample(fine, [4, 6]).dataSync<'float32'>())).toBeLessThan(
      1e-6,
    );
    const throughD = tf.grad((x) => tf.sum(tf.mul(tensor.downsample(x, [4, 6]), coarse)))(fine);
    expect(worst(throughD, tensor.upsample(coarse, [8, 12]).dataSync<'float32'>())).toBeLessThan(
      1e-6,
    );
  });

  it('refuses sizes that do not double', () => {
    expect(() =>
      plain.check([
        [8, 8],
        [14, 14],
        [28, 28],
      ]),
    ).toThrow(
      expect.objectContaining({
        code: 'LAPYRA_TRANSFORM_SIZES',
        hint: expect.stringContaining('7, 14, 28') as string,
      }) as LapyraError,
    );
  });
});
