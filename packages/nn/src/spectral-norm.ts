import { stopGradient } from '@lapyra/tfjs-onnx/gradients';
import * as tf from '@tensorflow/tfjs-core';
import { expectOption, expectTensor, isWhole } from './expect.js';
import { normal } from './initial.js';
import type { Module } from './module.js';

export interface SpectralNormOptions {
  /** Steps of power iteration a pass. @default 1 */
  readonly iterations?: number;
}

/** Keeps the direction of a vector of zeros finite. */
const TINY = 1e-12;

/**
 * A layer whose `weight` is divided by its largest singular value σ, estimated by power iteration, so that the layer
 * cannot stretch its input much: weights [in, out] and filters [k, k, in, out] count as matrices W [·, out]. Each pass
 * makes v = Wu/‖Wu‖, u' = Wᵀv/‖Wᵀv‖ and divides by σ = vᵀWu', where u' and v count as given for gradients; a
 * training pass that takes updates keeps u' for the next. Source: Miyato et al. 2018.
 *
 * State: that of the layer, with the undivided weight, and `u` [out], a statistic.
 *
 * @param layer a module with a state tensor `weight` of two or more axes: linear, conv2d, convTranspose2d
 * @throws {LapyraError} `LAPYRA_NN_OPTION`; in use `LAPYRA_NN_MISSING`
 */
export function spectralNorm(layer: Module, options: SpectralNormOptions = {}): Module {
  const { iterations = 1 } = options;
  const shape = layer.state['weight']?.shape ?? [];
  expectOption(
    'spectralNorm',
    shape.length >= 2 && !('u' in layer.state),
    'a layer with a weight of two or more axes',
    Object.keys(layer.state),
  );
  expectOption('spectralNorm', isWhole(iterations), 'a whole number of iterations ≥ 1', iterations);
  const out = shape.at(-1)!;
  return {
    state: { ...layer.state, u: { shape: [out], role: 'statistic', initial: normal(1) } },
    masks: (batch) => layer.masks(batch),
    apply: ({ u: vector, ...given }, x, context) => {
      const weight = expectTensor('spectralNorm', given, 'weight');
      const matrix = tf.reshape(weight, [weight.size / out, out]); // [n, out]
      const fixed = stopGradient(matrix);
      let u = tf.reshape(expectTensor('spectralNorm', vector ? { u: vector } : {}, 'u'), [out, 1]);
      let v = u; // [n, 1] from the first iteration on
      for (let iteration = 0; iteration < iterations; iteration++) {
        v = direction(tf.matMul(fixed, u));
        u = direction(tf.matMul(fixed, v, true, false)); // [out, 1]
      }
      if (context.training && context.updates) context.updates['u'] = tf.reshape(u, [out]);
      const sigma = tf.sum(tf.mul(v, tf.matMul(matrix, u))); // []
      return layer.apply({ ...given, weight: tf.div(weight, sigma) }, x, context);
    },
  };
}

function direction(x: tf.Tensor2D): tf.Tensor2D {
  return tf.div(x, tf.sqrt(tf.add(tf.sum(tf.square(x)), TINY)));
}
