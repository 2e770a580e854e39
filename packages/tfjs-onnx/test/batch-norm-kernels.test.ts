import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { expectLikeCpu } from './support/compare-with-cpu.js';
import { type Inputs } from './support/convolutions.js';

test('batchNorm', async () => {
  expect.hasAssertions();
  const norm = ({ x, mean, variance, offset, scale }: Inputs): Record<string, tf.Tensor> => ({
    full: tf.batchNorm(
      x!,
      mean as tf.Tensor1D,
      tf.abs(variance as tf.Tensor1D),
      offset as tf.Tensor1D,
      scale as tf.Tensor1D,
      1e-3,
    ),
    bare: tf.batchNorm(x!, mean as tf.Tensor1D, tf.abs(variance as tf.Tensor1D)),
    scaled: tf.batchNorm(
      x!,
      mean as tf.Tensor1D,
      tf.abs(variance as tf.Tensor1D),
      undefined,
      scale as tf.Tensor1D,
    ),
  });
  await expectLikeCpu(
    norm,
    { x: [2, 4, 4, 3], mean: [3], variance: [3], offset: [3], scale: [3] },
    1e-4,
  );
  await expectLikeCpu(norm, { x: [4, 3], mean: [3], variance: [3], offset: [3], scale: [3] }, 1e-4);
});
