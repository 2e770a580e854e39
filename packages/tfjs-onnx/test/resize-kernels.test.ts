import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { expectLikeCpu, runCompiled, type TestInput } from './support/compare-with-cpu.js';
import { type Inputs, kernel } from './support/convolutions.js';

describe('resizing', () => {
  const x: TestInput = [2, 5, 6, 3];
  const sizes: readonly (readonly [number, number])[] = [
    [10, 12],
    [7, 9],
    [3, 2],
    [1, 1],
  ];
  const modes = [
    [false, false],
    [true, false],
    [false, true],
  ] as const;
  test.each(modes)(
    'bilinear and nearest, alignCorners %s, halfPixelCenters %s',
    async (align, half) => {
      expect.hasAssertions();
      for (const size of sizes) {
        const attrs = { size, alignCorners: align, halfPixelCenters: half };
        await expectLikeCpu(
          ({ images }: Inputs) => ({
            linear: kernel('ResizeBilinear', { images: images! }, attrs),
            nearest: kernel('ResizeNearestNeighbor', { images: images! }, attrs),
          }),
          { images: x },
        );
      }
    },
  );
  test('gradients', async () => {
    expect.hasAssertions();
    for (const alignCorners of [false, true]) {
      // tfjs's gradients are right without half pixel centres, the nearest one for one image, and only if square.
      const attrs = { alignCorners, halfPixelCenters: false };
      await expectLikeCpu(
        ({ images, dy }: Inputs) => ({
          linear: kernel('ResizeBilinearGrad', { images: images!, dy: dy! }, attrs),
          nearest: kernel('ResizeNearestNeighborGrad', { images: images!, dy: dy! }, attrs),
        }),
        { images: [1, 5, 5, 2], dy: [1, 10, 8, 2] },
      );
    }
  });
  test('the gradient is the transpose, with half pixel centres and for more than one image', async () => {
    const attrs = { alignCorners: false, halfPixelCenters: true };
    // <dy, resize(x)> = <gradient(dy), x> for a linear map.
    for (const name of ['ResizeBilinear', 'ResizeNearestNeighbor']) {
      // tfjs swaps height and width in the shape of this gradient, so the eager side cannot run it unless square.
      const compiled = await runCompiled(
        ({ images, dy }: Inputs) => ({
          left: tf.sum(tf.mul(dy!, kernel(name, { images: images! }, { ...attrs, size: [7, 9] }))),
          right: tf.sum(
            tf.mul(images!, kernel(`${name}Grad`, { images: images!, dy: dy! }, attrs)),
          ),
        }),
        { images: [3, 4, 6, 2], dy: [3, 7, 9, 2] },
      );
      expect(compiled['left']?.data[0]).toBeCloseTo(compiled['right']?.data[0] ?? NaN, 3);
    }
  });
});
