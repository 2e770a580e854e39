import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { expectLikeCpu } from './support/compare-with-cpu.js';

test('a small net', async () => {
  await expectLikeCpu(
    ({ x, w, b, v }) => {
      const y = tf.relu(tf.add(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same'), b!));
      const z = tf.matMul(tf.reshape(y, [2, -1]), v!);
      return { y, z, m: tf.mean(z) };
    },
    { x: [2, 8, 8, 3], w: [3, 3, 3, 4], b: [4], v: [256, 5] },
  );
  expect(tf.memory().numTensors).toBe(0);
});
