// Smooth functions of one tensor, elementwise: dx = dy · f'(x), with f' written on the input.
import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { toFloat } from './input-like.js';
import { unaryGradient } from './kernel-gradient.js';

const derivatives: Record<string, (dy: Tensor, x: Tensor) => Tensor> = {
  [tf.Abs]: (dy, x) => tf.mul(dy, tf.sign(x)),
  [tf.Acos]: (dy, x) => tf.neg(tf.mul(dy, tf.rsqrt(tf.sub(1, tf.square(x))))),
  [tf.Acosh]: (dy, x) => tf.mul(dy, tf.rsqrt(tf.sub(tf.square(x), 1))),
  [tf.Asin]: (dy, x) => tf.mul(dy, tf.rsqrt(tf.sub(1, tf.square(x)))),
  [tf.Asinh]: (dy, x) => tf.mul(dy, tf.rsqrt(tf.add(tf.square(x), 1))),
  [tf.Atan]: (dy, x) => tf.div(dy, tf.add(tf.square(x), 1)),
  [tf.Atanh]: (dy, x) => tf.div(dy, tf.sub(1, tf.square(x))),
  [tf.Cos]: (dy, x) => tf.neg(tf.mul(dy, tf.sin(x))),
  [tf.Cosh]: (dy, x) => tf.mul(dy, tf.sinh(x)),
  [tf.Erf]: (dy, x) => tf.mul(dy, tf.mul(tf.exp(tf.neg(tf.square(x))), 2 / Math.sqrt(Math.PI))),
  [tf.Exp]: (dy, x) => tf.mul(dy, tf.exp(x)),
  [tf.Expm1]: (dy, x) => tf.mul(dy, tf.exp(x)),
  [tf.Log]: (dy, x) => tf.div(dy, x),
  [tf.Log1p]: (dy, x) => tf.div(dy, tf.add(x, 1)),
  [tf.Neg]: (dy) => tf.neg(dy),
  [tf.Reciprocal]: (dy, x) => tf.neg(tf.div(dy, tf.square(x))),
  [tf.Rsqrt]: (dy, x) => tf.mul(dy, tf.mul(tf.div(tf.rsqrt(x), x), -0.5)),
  [tf.Sin]: (dy, x) => tf.mul(dy, tf.cos(x)),
  [tf.Sinh]: (dy, x) => tf.mul(dy, tf.cosh(x)),
  [tf.Sqrt]: (dy, x) => tf.div(tf.mul(dy, 0.5), tf.sqrt(x)),
  [tf.Square]: (dy, x) => tf.mul(dy, tf.mul(x, 2)),
  [tf.Tan]: (dy, x) => tf.div(dy, tf.square(tf.cos(x))),
};

/** Gradients of smooth elementwise functions of one tensor. */
export const unaryGradients: readonly GradConfig[] = Object.entries(derivatives).map(
  ([kernel, derivative]) => unaryGradient(kernel, (dy, x) => derivative(dy, toFloat(x))),
);
