import '@lapyra/tfjs-onnx/gradients';
import {
  boxBilinearTransform,
  burtAdelsonTransform,
  haarTransform,
  type LapyraError,
  plainViews,
  randomStream,
  type Size,
  whiten,
  type Whitening,
} from '@lapyra/core';
import { trace } from '@lapyra/tfjs-onnx';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { separableTensorTransform, transformViews } from './transform-views.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const SIZES: readonly Size[] = [8, 14, 28].map((side) => [side, side]);

describe('transformViews', () => {
  // d and u that leave a trace of how they were called.
  const parts = {
    downsample: (x: tf.Tensor, [height, width]: Size): tf.Tensor =>
      tf.add(tf.slice(x, [0, 0, 0, 0], [-1, height, width, -1]), 1),
    upsample: (x: tf.Tensor, [height, width]: Size): tf.Tensor =>
      tf.mul(tf.ones([x.shape[0], height, width, 1]), tf.max(x)),
  };
  const whitening = { mean: tf.zeros([1, 1, 1, 1]), scale: tf.ones([1, 1, 1, 1]) };
  const pixels = tf.zeros([2, 28, 28, 1], 'int32');
  const mean = (x: tf.Tensor | null): number | undefined =>
    x ? tf.mean(x).dataSync()[0] : undefined;

  it('takes every scale from the full-size image', () => {
    const views = transformViews({ ...parts, chained: false });
    const { image, coarse, low, band } = views(pixels, whitening, SIZES, 1);
    expect([image, coarse, low, band].map(mean)).toEqual([1, 1, 1, 0]);
    expect([image, coarse, low, band].map((x) => x?.shape)).toEqual([
      [2, 14, 14, 1],
      [2, 8, 8, 1],
      [2, 14, 14, 1],
      [2, 14, 14, 1],
    ]);
  });

  it('takes each scale from the next finer one when chained', () => {
    const views = transformViews({ ...parts, chained: true });
    const { image, coarse, low, band } = views(pixels, whitening, SIZES, 1);
    expect([image, coarse, low, band].map(mean)).toEqual([1, 2, 2, -1]);
  });

  it('gives the first level its image alone, and the last one the image as it is', () => {
    const views = transformViews({ ...parts, chained: true });
    const first = views(pixels, whitening, SIZES, 0);
    expect(first).toMatchObject({ coarse: null, low: null, band: null });
    expect(mean(first.image)).toBe(2);
    expect(mean(views(pixels, whitening, SIZES, 2).image)).toBe(0);
  });

  it('whitens each position by its own mean and scale', () => {
    const views = transformViews({ ...parts, chained: true });
    const map = {
      mean: tf.tensor([1, 2, 3, 4], [1, 2, 2, 1]),
      scale: tf.tensor([1, 2, 4, 8], [1, 2, 2, 1]),
    };
    const two = tf.tensor([1, 4, 7, 12, 2, 2, 3, 0], [2, 2, 2, 1], 'int32');
    const { image } = views(two, map, [[2, 2]], 0);
    expect([...image.dataSync()]).toEqual([0, 1, 1, 1, 1, 0, 0, -0.5]);
  });

  it('refuses pixels of another size and levels that do not exist', () => {
    const views = transformViews({ ...parts, chained: true });
    expect(() => views(tf.zeros([2, 14, 28, 1], 'int32'), whitening, SIZES, 1)).toThrow(
      expect.objectContaining({
        code: 'LAPYRA_NN_SHAPE',
        message: 'views: expected [B, 28, 28, C], got [2, 14, 28, 1].',
      }) as LapyraError,
    );
    const small = { mean: tf.zeros([1, 14, 14, 1]), scale: tf.ones([1, 14, 14, 1]) };
    expect(() => views(pixels, small, SIZES, 1)).toThrow(
      expect.objectContaining({
        code: 'LAPYRA_NN_SHAPE',
        message: 'whitening: expected [1, 28, 28, 1], got [1, 14, 14, 1].',
      }) as LapyraError,
    );
    expect(() => views(pixels, whitening, SIZES, 3)).toThrow(
      expect.objectContaining({ code: 'LAPYRA_TRANSFORM_SIZES' }) as LapyraError,
    );
  });
});

describe('separableTensorTransform', () => {
  const whitening: Whitening = {
    kind: 'channel',
    shape: [1, 1, 1, 3],
    mean: Float32Array.of(125.3, 122.9, 113.9),
    scale: Float32Array.of(63, 62.1, 66.7),
  };
  const tensors = {
    mean: tf.tensor(whitening.mean, [1, 1, 1, 3]),
    scale: tf.tensor(whitening.scale, [1, 1, 1, 3]),
  };

  it.each([
    {
      plain: boxBilinearTransform,
      sizes: [
        [5, 8],
        [9, 14],
        [18, 28],
      ],
    },
    {
      plain: burtAdelsonTransform,
      sizes: [
        [5, 7],
        [10, 14],
        [20, 28],
      ],
    },
    {
      plain: haarTransform,
      sizes: [
        [5, 7],
        [10, 14],
        [20, 28],
      ],
    },
  ] as const)('sees what the plain half of $plain.id sees', ({ plain, sizes }) => {
    const [height, width] = sizes[2];
    const pixels = Uint8Array.from(randomStream(plain.id).integers(2 * height * width * 3, 256));
    const shape = [2, height, width, 3];
    const images = whiten(pixels, shape, whitening);
    const tensor = separableTensorTransform(plain);
    for (let index = 0; index < 3; index += 1) {
      const wanted = plainViews(plain, images, sizes, index);
      const got = tensor.views(tf.tensor(pixels, shape, 'int32'), tensors, sizes, index);
      for (const part of ['image', 'coarse', 'low', 'band'] as const) {
        expect(got[part]?.shape).toEqual(wanted[part]?.shape);
        const values = got[part]?.dataSync() ?? [];
        const worst = wanted[part]?.data.reduce(
          (most, x, i) => Math.max(most, Math.abs(x - (values[i] as number))),
          0,
        );
        expect(worst ?? 0).toBeLessThan(3e-6);
      }
    }
  });

  it('joins what it took apart', () => {
    const { join, views } = separableTensorTransform(haarTransform);
    const pixels = tf.tensor(randomStream('join').integers(192, 256), [1, 8, 8, 3], 'int32');
    const { image, low, band } = views(
      pixels,
      tensors,
      [
        [4, 4],
        [8, 8],
      ],
      1,
    );
    const error = tf.max(tf.abs(tf.sub(join(low as tf.Tensor, band as tf.Tensor), image)));
    expect(error.dataSync()[0]).toBeLessThan(3e-7);
  });

  it('records the same graph at any batch: every length is fixed, or a multiple of the batch', () => {
    const { views } = separableTensorTransform(boxBilinearTransform);
    const shapesAt = (batch: number): (readonly number[])[] =>
      trace(
        ({ pixels, mean, scale }) => {
          const sizes: Size[] = [8, 14, 28].map((side) => [side, side]);
          const { image, coarse, low, band } = views(
            pixels as tf.Tensor,
            { mean: mean as tf.Tensor, scale: scale as tf.Tensor },
            sizes,
            1,
          );
          return {
            image,
            coarse: coarse as tf.Tensor,
            low: low as tf.Tensor,
            band: band as tf.Tensor,
          };
        },
        {
          inputs: {
            pixels: { shape: [batch, 28, 28, 3], dtype: 'uint8' },
            mean: { shape: [1, 1, 1, 3], dtype: 'float32' },
            scale: { shape: [1, 1, 1, 3], dtype: 'float32' },
          },
        },
      ).nodes.flatMap((node) => node.outputs.map(({ shape }) => [node.kernel.length, ...shape]));
    const [two, three, seven] = [2, 3, 7].map(shapesAt);
    const predicted = two!.map((shape, at) =>
      shape.map((length, axis) => {
        const perImage = three![at]![axis]! - length; // 0 for lengths that are fixed
        return perImage === 0 ? length : 7 * perImage;
      }),
    );
    expect(seven).toEqual(predicted);
  });

  it('refuses what the plain half refuses, and what are no images', () => {
    const { downsample, upsample } = separableTensorTransform(haarTransform);
    expect(() => upsample(tf.zeros([1, 8, 8, 3]), [14, 14])).toThrow(
      expect.objectContaining({ code: 'LAPYRA_TRANSFORM_SIZES' }) as LapyraError,
    );
    expect(() => downsample(tf.zeros([8, 8, 3]), [4, 4])).toThrow(
      expect.objectContaining({ code: 'LAPYRA_NN_SHAPE' }) as LapyraError,
    );
  });

  it('lets gradients through: the gradient of a product with u is its transpose', () => {
    // ⟨u(x), y⟩ has the gradient uᵀ(y), whose product with any x is ⟨u(x), y⟩ again.
    const { downsample, upsample } = separableTensorTransform(boxBilinearTransform);
    const stream = randomStream('adjoint');
    for (const [f, from, to] of [
      [upsample, [5, 6], [9, 14]],
      [downsample, [9, 14], [5, 6]],
    ] as const) {
      const x = tf.tensor(stream.normal(2 * from[0] * from[1] * 3), [2, ...from, 3]);
      const y = tf.tensor(stream.normal(2 * to[0] * to[1] * 3), [2, ...to, 3]);
      const product = (at: tf.Tensor): tf.Scalar => tf.sum(tf.mul(f(at, to), y));
      const gradient = tf.grad(product)(x);
      expect(gradient.shape).toEqual(x.shape);
      const direct = product(x).dataSync()[0] as number;
      const through = tf.sum(tf.mul(gradient, x)).dataSync()[0] as number;
      expect(Math.abs(through - direct)).toBeLessThan(1e-4);
      const other = tf.tensor(stream.normal(x.size), x.shape);
      const there = product(other).dataSync()[0] as number;
      expect(
        Math.abs((tf.sum(tf.mul(gradient, other)).dataSync()[0] as number) - there),
      ).toBeLessThan(1e-4);
    }
  });
});
