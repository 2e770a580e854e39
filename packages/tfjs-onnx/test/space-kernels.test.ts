import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { expectLikeCpu, runCompiled } from './support/compare-with-cpu.js';
import { type Inputs } from './support/convolutions.js';

describe('depth and space', () => {
  test('depthToSpace with channels first is that with channels last', async () => {
    // tfjs's cpu kernel knows channels last only.
    const { first, last } = await runCompiled(
      ({ x }: Inputs) => {
        const turned = tf.transpose(x!, [0, 3, 1, 2]) as tf.Tensor4D;
        return {
          first: tf.depthToSpace(turned, 2, 'NCHW'),
          last: tf.transpose(tf.depthToSpace(x as tf.Tensor4D, 2), [0, 3, 1, 2]),
        };
      },
      { x: [2, 3, 4, 8] },
    );
    expect(first).toEqual(last);
  });
  test('depthToSpace', async () => {
    expect.hasAssertions();
    await expectLikeCpu(({ x }) => ({ y: tf.depthToSpace(x as tf.Tensor4D, 2) }), {
      x: [2, 3, 4, 12],
    });
  });
  test('spaceToBatchND and batchToSpaceND', async () => {
    expect.hasAssertions();
    await expectLikeCpu(
      ({ x }) => ({ y: tf.spaceToBatchND(x!, [2, 3], [[1, 0], [0, 2]]) }), // prettier-ignore
      { x: [2, 3, 4, 2] },
    );
    await expectLikeCpu(
      ({ x }) => ({ y: tf.batchToSpaceND(x!, [2, 3], [[1, 0], [0, 2]]) }), // prettier-ignore
      { x: [12, 3, 2, 2] },
    );
  });
});
