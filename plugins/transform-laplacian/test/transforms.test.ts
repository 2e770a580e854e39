import { randomStream, type Size, type Transform } from '@lapyra/core';
import { transformConformance } from '@lapyra/testing';
import { boxBilinear, burtAdelson } from '@lapyra/transform-laplacian';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

transformConformance({
  name: 'boxBilinear as a transform',
  transform: await create(boxBilinear),
  pyramids: [
    [
      [8, 8],
      [14, 14],
      [28, 28],
    ],
    [
      [3, 7],
      [8, 7],
      [11, 20],
    ],
    [
      [1, 1],
      [4, 5],
      [5, 5],
    ],
  ],
  refuses: [
    [
      [8, 8],
      [8, 8],
    ],
  ],
});

transformConformance({
  name: 'burtAdelson as a transform',
  transform: await create(burtAdelson),
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
    ],
  ],
});

function worst(got: tf.Tensor | null, wanted: Float32Array): number {
  const values = got?.dataSync() ?? [];
  return wanted.reduce((most, x, i) => Math.max(most, Math.abs(x - (values[i] as number))), 0);
}

async function create(plugin: typeof boxBilinear): Promise<Transform> {
  return plugin.plugin.create({}, undefined);
}

describe('boxBilinear', () => {
  const image = (size: Size, channels: number): tf.Tensor4D =>
    tf.tensor4d(randomStream('image', ...size).normal(2 * size[0] * size[1] * channels), [
      2,
      ...size,
      channels,
    ]);

  it.each([
    [
      [8, 8],
      [14, 14],
    ],
    [
      [14, 14],
      [28, 28],
    ],
    [
      [5, 9],
      [13, 11],
    ],
    [
      [1, 4],
      [3, 9],
    ],
  ] as Size[][])(
    'interpolates %j → %j as the resize of tfjs with aligned corners',
    async (from, to) => {
      const { tensor } = await create(boxBilinear);
      const coarse = image(from, 3);
      const wanted = tf.image.resizeBilinear(coarse, [...to], true);
      expect(worst(tensor.upsample(coarse, to), wanted.dataSync<'float32'>())).toBeLessThan(2e-6);
    },
  );

  it.each([2, 4])('averages as the pooling of tfjs where %d divides the sides', async (ratio) => {
    const { tensor } = await create(boxBilinear);
    const fine = image([28, 12], 4);
    const wanted = tf.avgPool(fine, ratio, ratio, 'valid');
    const got = tensor.downsample(fine, [28 / ratio, 12 / ratio]);
    expect(worst(got, wanted.dataSync<'float32'>())).toBeLessThan(1e-6);
  });
});

describe('burtAdelson', () => {
  it('weighs inner pixels as a convolution with its kernel', async () => {
    const { tensor } = await create(burtAdelson);
    const fine = tf.tensor4d(randomStream('kernel').normal(12 * 16), [1, 12, 16, 1]);
    const w = tf.tensor1d([0.05, 0.25, 0.4, 0.25, 0.05]);
    const kernel = tf.reshape(tf.outerProduct(w, w), [5, 5, 1, 1]) as tf.Tensor4D;
    // Mirrored about the edge pixels by tfjs itself, then a plain convolution of every second pixel.
    const mirrored = tf.mirrorPad(
      fine,
      [
        [0, 0],
        [2, 2],
        [2, 2],
        [0, 0],
      ],
      'reflect',
    );
    const wanted = tf.conv2d(mirrored, kernel, 2, 'valid');
    expect(wanted.shape).toEqual([1, 6, 8, 1]);
    expect(worst(tensor.downsample(fine, [6, 8]), wanted.dataSync<'float32'>())).toBeLessThan(1e-6);
  });

  it('expands as a convolution of the image with zeros between, times 4', async () => {
    const { tensor } = await create(burtAdelson);
    const coarse = tf.tensor4d(randomStream('expand').normal(6 * 8), [1, 6, 8, 1]);
    const zeros = tf.zerosLike(coarse);
    const rows = tf.reshape(tf.stack([coarse, zeros], 2), [1, 12, 8, 1]);
    const both = tf.reshape(tf.stack([rows, tf.zerosLike(rows)], 3), [1, 12, 16, 1]) as tf.Tensor4D;
    const w = tf.tensor1d([0.1, 0.5, 0.8, 0.5, 0.1]);
    const kernel = tf.reshape(tf.outerProduct(w, w), [5, 5, 1, 1]) as tf.Tensor4D;
    const mirrored = tf.mirrorPad(
      both,
      [
        [0, 0],
        [2, 2],
        [2, 2],
        [0, 0],
      ],
      'reflect',
    );
    const wanted = tf.conv2d(mirrored, kernel, 1, 'valid');
    expect(worst(tensor.upsample(coarse, [12, 16]), wanted.dataSync<'float32'>())).toBeLessThan(
      1e-6,
    );
  });
});
