import { customGrad, type Tensor } from '@tensorflow/tfjs-core';
import { zeroGradient } from './input-like.js';

/**
 * The same values, but no gradient flows back through them: `∂ stopGradient(x) / ∂x = 0`.
 *
 * Works eagerly and while a function is traced.
 *
 * @param x  any shape and type
 * @returns a new tensor with the shape, type and values of `x`
 */
export function stopGradient<T extends Tensor>(x: T): T {
  const cut = customGrad<T>((input) => ({
    value: (input as T).clone(),
    gradFunc: (dy: T) => zeroGradient(dy),
  }));
  return cut(x);
}
