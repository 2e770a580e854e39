// A suite is worth what it finds: one transform that is right, and others with one fault each.
import {
  type ImageBatch,
  imageBatch,
  LapyraError,
  type PlainTransform,
  type Size,
  type TensorTransform,
  type Transform,
} from '@lapyra/core';
import '@lapyra/nn'; // registers gradients
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { transformChecks } from '../src/transform/transform-checks.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const pyramid: Size[] = [
  [1, 2],
  [2, 4],
  [4, 8],
];
const odd: Size[] = [
  [3, 4],
  [4, 8],
];

/** Means of 2 × 2 pixels, and each pixel four times; every scale from the full image. */
function meanTransform(
  plain: Partial<PlainTransform> = {},
  tensor: Partial<TensorTransform> = {},
): Transform {
  const right: TensorTransform = {
    downsample: (image, [height]) => {
      const ratio = image.shape[1]! / height;
      return tf.avgPool(image as tf.Tensor4D, ratio, ratio, 'valid');
    },
    upsample: (coarse) => {
      const [batch, h, w, c] = coarse.shape as [number, number, number, number];
      const tall = tf.reshape(tf.stack([coarse, coarse], 2), [batch, 2 * h, w, c]);
      return tf.reshape(tf.stack([tall, tall], 3), [batch, 2 * h, 2 * w, c]);
    },
    join: (low, band) => tf.add(low, band),
    views: (pixels, { mean, scale }, sizes, index) => {
      const full = tf.div(tf.sub(tf.cast(pixels, 'float32'), mean), scale);
      const at = (k: number): tf.Tensor =>
        k === sizes.length - 1 ? full : transform.tensor.downsample(full, sizes[k]!);
      const image = at(index);
      if (index === 0) return { image, coarse: null, low: null, band: null };
      const coarse = at(index - 1);
      const low = transform.tensor.upsample(coarse, sizes[index]!);
      return { image, coarse, low, band: tf.sub(image, low) };
    },
  };
  const run = (f: (x: tf.Tensor) => tf.Tensor, { shape, data }: ImageBatch): ImageBatch => {
    const result = tf.tidy(() => f(tf.tensor(data, [...shape])));
    const sides = result.shape as [number, number, number, number];
    return imageBatch(sides, result.dataSync<'float32'>());
  };
  const transform: Transform = {
    plain: {
      id: 'mean',
      chained: false,
      check: (sizes) => {
        const last = sizes.at(-1)!;
        if (sizes.every(([height]) => last[0] % height === 0)) return;
        throw new LapyraError('LAPYRA_TRANSFORM_SIZES', 'mean: expected sides that divide.', {
          hint: 'Take halves.',
        });
      },
      downsample: (image, size) => run((x) => right.downsample(x, size), image),
      upsample: (image, size) => run((x) => right.upsample(x, size), image),
      ...plain,
    },
    tensor: { ...right, ...tensor },
  };
  return transform;
}

/** Titles of the checks that fail, without the sizes. */
function failing(transform: Transform): string[] {
  const failed = new Set<string>();
  for (const { title, run } of transformChecks({
    transform,
    pyramids: [pyramid],
    refuses: [odd],
    closeness: { absolute: 2e-6 },
  })) {
    try {
      run();
    } catch {
      failed.add(title.replace(/ \(.*/, ''));
    }
  }
  return [...failed];
}

const right = meanTransform();
const halves = 'has halves that agree';
const alone = 'treats each image of a batch alone';
const gradients = 'lets gradients through, as finite differences say';

describe('checks of transforms', () => {
  it('find nothing wrong with a transform that is right', () => {
    expect(failing(right)).toEqual([]);
  });

  it('find halves that differ, where the image is still the sum of its parts', () => {
    const upsample: TensorTransform['upsample'] = (coarse, size) =>
      tf.mul(right.tensor.upsample(coarse, size), 1.001);
    expect(failing(meanTransform({}, { upsample }))).toEqual([halves]);
  });

  it('find a plain image that changes at its own size', () => {
    const upsample: PlainTransform['upsample'] = (coarse, size) => {
      const low = right.plain.upsample(coarse, size);
      return { ...low, data: low.data.map((x) => x * 1e8) }; // of the image, nothing is left in the band
    };
    expect(failing(meanTransform({ upsample }))).toContain('rebuilds the image from low and band');
  });

  it('find one that looks at the whole batch', () => {
    const downsample: TensorTransform['downsample'] = (image, size) =>
      tf.add(right.tensor.downsample(image, size), tf.mul(tf.mean(image), 1e-6));
    expect(failing(meanTransform({}, { downsample }))).toContain(alone);
  });

  it('find gradients that are wrong or cut', () => {
    const wrong = tf.customGrad((x, _save) => ({
      value: tf.clone(x as tf.Tensor),
      gradFunc: (dy) => tf.mul(dy as tf.Tensor, 1.01),
    }));
    const upsample: TensorTransform['upsample'] = (coarse, size) =>
      wrong(right.tensor.upsample(coarse, size));
    expect(failing(meanTransform({}, { upsample }))).toEqual([gradients]);
  });

  it('find a band that is joined otherwise', () => {
    expect(failing(meanTransform({}, { join: (low) => low }))).toEqual([halves]);
  });

  it('find a whitening that is one for all pixels', () => {
    const views: TensorTransform['views'] = (pixels, { mean, scale }, sizes, index) =>
      right.tensor.views(pixels, { mean: tf.mean(mean), scale: tf.mean(scale) }, sizes, index);
    expect(failing(meanTransform({}, { views }))).toEqual(['takes a whitening for each pixel']);
  });

  it('find sizes that are not refused, or without a way out', () => {
    const lenient = meanTransform({ check: () => undefined });
    expect(failing(lenient)).toEqual(['refuses 3x4 4x8']);
    const curt = meanTransform({
      check: (sizes) => {
        if (sizes === odd) throw new LapyraError('LAPYRA_TRANSFORM_SIZES', 'mean: no.');
      },
    });
    expect(failing(curt)).toEqual(['refuses 3x4 4x8']);
  });
});
