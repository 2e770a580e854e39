import { isPlugin, randomStream } from '@lapyra/core';
import { transformConformance } from '@lapyra/testing';
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

// All sums of small binary fractions are exact, so both halves give the same bits.
transformConformance({
  name: 'haar as a transform',
  transform: { plain, tensor },
  pyramids: [
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
  ],
  refuses: [
    [
      [8, 8],
      [14, 14],
      [28, 28],
    ],
  ],
  closeness: {},
});

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
});
