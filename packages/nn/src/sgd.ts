import * as tf from '@tensorflow/tfjs-core';
import { expectOption, expectTensor } from './expect.js';
import { flushTiny } from './flush-tiny.js';
import { counter, type Optimiser, type OptimiserStep, slots } from './optimiser.js';

export interface SgdOptions {
  /**
   * A number in [0, 1), or `scheduled`: each update is given the `momentum`. With 0 there is no velocity.
   *
   * @default 0
   */
  readonly momentum?: number | 'scheduled';
  /**
   * How much of the gradient is kept out of the velocity: `momentum` makes the two shares sum to 1, as Torch's
   * `optim.sgd` did by default; PyTorch's default is 0.
   *
   * @default 'momentum'; 0 with nesterov
   */
  readonly dampening?: 'momentum' | number;
  /** Look ahead along the velocity; needs momentum, and dampening 0. @default false */
  readonly nesterov?: boolean;
  /** Added to the gradient as decay·weight. @default 0 */
  readonly weightDecay?: number;
}

export interface SgdStep extends OptimiserStep {
  /** Shape []; only and always with `momentum: 'scheduled'`. */
  readonly momentum?: tf.Tensor;
}

/**
 * Stochastic gradient descent as Torch's `optim.sgd`: v ← m·v + (1 − dampening)·g, w ← w − rate·v. The first step with
 * momentum is undamped: v ← g. A step with (scheduled) momentum 0 is plain, and the velocity starts anew after it.
 *
 * State: `velocity.<weight>`, and `moving` [], 1 once there is a velocity, so that resuming is exact.
 * Source: torch/optim `sgd.lua`.
 *
 * @throws {LapyraError} `LAPYRA_NN_OPTION`; in use `LAPYRA_NN_MISSING`
 */
export function sgd(options: SgdOptions = {}): Optimiser<SgdStep> {
  const { momentum = 0, nesterov = false, weightDecay = 0 } = options;
  const { dampening = nesterov ? 0 : 'momentum' } = options;
  const inUnit = (value: number): boolean => value >= 0 && value < 1;
  expectOption(
    'sgd',
    momentum === 'scheduled' || inUnit(momentum),
    "momentum in [0, 1) or 'scheduled'",
    momentum,
  );
  expectOption(
    'sgd',
    dampening === 'momentum' || (dampening >= 0 && dampening <= 1),
    "dampening in [0, 1] or 'momentum'",
    dampening,
  );
  expectOption(
    'sgd',
    !nesterov || (momentum !== 0 && dampening === 0),
    'momentum and no dampening with nesterov',
    options,
  );

  return {
    state: (weights, prefix) =>
      momentum === 0 ? {} : { [`${prefix}moving`]: counter, ...slots(weights, prefix, 'velocity') },
    update: (step) => {
      const { prefix, rate } = step;
      const given = (name: string): tf.Tensor => expectTensor('sgd', step.state, prefix + name);
      const weights: Record<string, tf.Tensor> = {};
      const state: Record<string, tf.Tensor> = {};
      const inertia = momentum === 0 ? null : shares(step, momentum, dampening, given);
      if (inertia) state[`${prefix}moving`] = inertia.moving;
      for (const [name, weight] of Object.entries(step.weights)) {
        const raw = expectTensor('sgd gradients', step.gradients, name);
        const gradient = weightDecay === 0 ? raw : tf.add(raw, tf.mul(weight, weightDecay));
        let direction = gradient;
        if (inertia) {
          const slot = `velocity.${name}`;
          const old = tf.mul(given(slot), inertia.old);
          const velocity = flushTiny(tf.add(old, tf.mul(gradient, inertia.gradient)));
          state[prefix + slot] = velocity;
          direction = nesterov ? tf.add(gradient, tf.mul(velocity, inertia.momentum)) : velocity;
        }
        weights[name] = tf.sub(weight, tf.mul(direction, rate));
      }
      return { weights, state };
    },
  };
}

/** The shares of old velocity and gradient in the new velocity, as scalars; computed once for all weights. */
function shares(
  step: SgdStep,
  momentum: number | 'scheduled',
  dampening: number | 'momentum',
  given: (name: string) => tf.Tensor,
): { momentum: tf.Tensor; moving: tf.Tensor; old: tf.Tensor; gradient: tf.Tensor } {
  const now =
    momentum === 'scheduled'
      ? expectTensor('sgd', step.momentum ? { momentum: step.momentum } : {}, 'momentum')
      : tf.scalar(momentum);
  const moving = tf.cast(tf.greater(now, 0), 'float32'); // 1 if this step has momentum
  const started = tf.mul(given('moving'), moving); // 1 if the step before had it too
  return {
    momentum: now,
    moving,
    old: tf.mul(now, started),
    gradient: tf.sub(1, tf.mul(dampening === 'momentum' ? now : dampening, started)),
  };
}
