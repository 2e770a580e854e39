import { BatchMatMul, matMul, type GradConfig, type Tensor } from '@tensorflow/tfjs-core';
import { sumTo, toFloat } from './input-like.js';
import { kernelGradient } from './kernel-gradient.js';

interface MatMulAttrs {
  transposeA: boolean;
  transposeB: boolean;
}

/** Gradient of the matrix product `[…, M, K] × […, K, N]`, either side transposed, leading dimensions broadcast. */
export const matMulGradient: GradConfig = kernelGradient<MatMulAttrs>(
  BatchMatMul,
  ['a', 'b'],
  (dy, saved, { transposeA, transposeB }) => {
    const [a, b] = saved.map(toFloat) as [Tensor, Tensor];
    return {
      a: () =>
        sumTo(
          transposeA ? matMul(b, dy, transposeB, true) : matMul(dy, b, false, !transposeB),
          a.shape,
        ),
      b: () =>
        sumTo(
          transposeB ? matMul(dy, a, true, transposeA) : matMul(a, dy, !transposeA, false),
          b.shape,
        ),
    };
  },
);
