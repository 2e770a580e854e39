import * as tf from '@tensorflow/tfjs-core';
import { expectOption, expectTensor } from './expect.js';
import { flushTiny } from './flush-tiny.js';
import { counter, type Optimiser, slots } from './optimiser.js';

export interface AdamOptions {
  /** Decay of the first moment, in [0, 1). @default 0.9 */
  readonly beta1?: number;
  /** Decay of the second moment, in [0, 1). @default 0.999 */
  readonly beta2?: number;
  /** Added to the root of the second moment. @default 1e-8 */
  readonly eps?: number;
  /** Decoupled from the gradient, as in AdamW: w ← w − rate·decay·w. @default 0 */
  readonly weightDecay?: number;
}

/**
 * Adam with bias correction: w ← w − rate · m̂/(√v̂ + eps), m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ). Source: Kingma & Ba 2015;
 * with `weightDecay` AdamW, Loshchilov & Hutter 2019.
 *
 * State: `m.<weight>`, `v.<weight>`, and the corrections `mass1`, `mass2` [], which are 1 − βᵗ. They are kept in this form,
 * by c ← β·c + (1 − β), because 1 − βᵗ from a running product loses digits in float32 while βᵗ is near 1.
 *
 * @throws {LapyraError} `LAPYRA_NN_OPTION`; in use `LAPYRA_NN_MISSING`
 */
export function adam(options: AdamOptions = {}): Optimiser {
  const { beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weightDecay = 0 } = options;
  for (const beta of [beta1, beta2])
    expectOption('adam', beta >= 0 && beta < 1, 'betas in [0, 1)', beta);
  expectOption('adam', eps >= 0, 'eps ≥ 0', eps);
  return {
    state: (weights, prefix) => ({
      [`${prefix}mass1`]: counter,
      [`${prefix}mass2`]: counter,
      ...slots(weights, prefix, 'm'),
      ...slots(weights, prefix, 'v'),
    }),
    update: (step) => {
      const { prefix, rate } = step;
      const given = (name: string): tf.Tensor => expectTensor('adam', step.state, prefix + name);
      const mass1 = decayed(given('mass1'), beta1, 1);
      const mass2 = decayed(given('mass2'), beta2, 1);
      // Both corrections as scalars: rate·m̂/(√v̂ + eps) = stride·m/(√v + floor).
      const root = tf.sqrt(mass2);
      const stride = tf.div(tf.mul(rate, root), mass1);
      const floor = tf.mul(root, eps);
      const shrink = weightDecay === 0 ? null : tf.sub(1, tf.mul(rate, weightDecay));

      const weights: Record<string, tf.Tensor> = {};
      const state: Record<string, tf.Tensor> = {
        [`${prefix}mass1`]: mass1,
        [`${prefix}mass2`]: mass2,
      };
      for (const [name, weight] of Object.entries(step.weights)) {
        const gradient = expectTensor('adam gradients', step.gradients, name);
        const m = flushTiny(decayed(given(`m.${name}`), beta1, gradient));
        const v = flushTiny(decayed(given(`v.${name}`), beta2, tf.square(gradient)));
        state[`${prefix}m.${name}`] = m;
        state[`${prefix}v.${name}`] = v;
        const move = tf.mul(tf.div(m, tf.add(tf.sqrt(v), floor)), stride);
        weights[name] = tf.sub(shrink ? tf.mul(weight, shrink) : weight, move);
      }
      return { weights, state };
    },
  };
}

/** β·old + (1 − β)·value. */
function decayed(old: tf.Tensor, beta: number, value: tf.Tensor | number): tf.Tensor {
  const share = typeof value === 'number' ? (1 - beta) * value : tf.mul(value, 1 - beta);
  return tf.add(tf.mul(old, beta), share);
}
