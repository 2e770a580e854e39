// Functions of two tensors, elementwise with broadcasting, and sums of many.
import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { sumTo, toFloat, zeroGradient } from './input-like.js';
import { binaryGradient, listGradient } from './kernel-gradient.js';

type Derivative = (dy: Tensor, a: Tensor, b: Tensor) => Tensor;

/** Gradients of elementwise functions of two tensors. Where `maximum` or `minimum` meets a tie, the first operand gets all. */
export const binaryGradients: readonly GradConfig[] = [
  binary(
    tf.Add,
    (dy) => dy,
    (dy) => dy,
  ),
  binary(
    tf.Sub,
    (dy) => dy,
    (dy) => tf.neg(dy),
  ),
  binary(
    tf.Multiply,
    (dy, _a, b) => tf.mul(dy, b),
    (dy, a) => tf.mul(dy, a),
  ),
  binary(
    tf.RealDiv,
    (dy, _a, b) => tf.div(dy, b),
    (dy, a, b) => tf.neg(tf.mul(tf.div(dy, b), tf.div(a, b))), // a / b² could overflow
  ),
  binary(
    tf.SquaredDifference,
    (dy, a, b) => tf.mul(dy, tf.mul(tf.sub(a, b), 2)),
    (dy, a, b) => tf.mul(dy, tf.mul(tf.sub(b, a), 2)),
  ),
  binary(
    tf.Pow,
    // x⁰ = 1 has the gradient 0 also at x = 0, where 0 · 0⁻¹ would be NaN.
    (dy, a, b) => {
      const flat = tf.equal(b, 0);
      return where(
        flat,
        zeroGradient(b),
        tf.mul(dy, tf.mul(b, tf.pow(a, tf.sub(where(flat, tf.scalar(1), b), 1)))),
      );
    },
    // 0ᵇ does not change with b > 0; log of a negative base does not exist.
    (dy, a, b) =>
      tf.mul(dy, tf.mul(tf.pow(a, b), tf.log(where(tf.greater(a, 0), a, tf.scalar(1))))),
  ),
  binary(
    tf.Maximum,
    (dy, a, b) => where(tf.greaterEqual(a, b), dy, zeroGradient(dy)),
    (dy, a, b) => where(tf.greaterEqual(a, b), zeroGradient(dy), dy),
  ),
  binary(
    tf.Minimum,
    (dy, a, b) => where(tf.lessEqual(a, b), dy, zeroGradient(dy)),
    (dy, a, b) => where(tf.lessEqual(a, b), zeroGradient(dy), dy),
  ),
  binary(
    tf.Mod, // a − b · ⌊a / b⌋
    (dy) => dy,
    (dy, a, b) => tf.neg(tf.mul(dy, tf.floor(tf.div(a, b)))),
  ),
  binary(
    tf.Atan2,
    (dy, a, b) => tf.div(tf.mul(dy, b), tf.add(tf.square(a), tf.square(b))),
    (dy, a, b) => tf.neg(tf.div(tf.mul(dy, a), tf.add(tf.square(a), tf.square(b)))),
  ),
  listGradient(tf.AddN, (dy) => dy.clone()),
];

function binary(kernel: string, byA: Derivative, byB: Derivative): GradConfig {
  return binaryGradient(kernel, (dy, a, b) => ({
    a: () => sumTo(byA(dy, toFloat(a), toFloat(b)), a.shape),
    b: () => sumTo(byB(dy, toFloat(a), toFloat(b)), b.shape),
  }));
}

function where(condition: Tensor, yes: Tensor, no: Tensor): Tensor {
  return tf.where(condition, yes, no);
}
