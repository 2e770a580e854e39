// An optimiser is a pure update: weights, gradients and its own state in, new weights and state out.
import type { StateTensor, Tensors } from '@lapyra/core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { expectTensor } from './expect.js';
import { zeros } from './initial.js';
import type { StateSpec } from './module.js';

/** What an update is given. All records of weights have the same names. */
export interface OptimiserStep {
  /** The prefix that the state was declared with. */
  readonly prefix: string;
  readonly weights: Tensors;
  readonly gradients: Tensors;
  /** The optimiser's state by full names; other tensors in it are passed over. */
  readonly state: Tensors;
  /** The learning rate, shape []. */
  readonly rate: Scalar | Tensor;
}

/** New values, by the same full names. */
export interface OptimiserResult {
  readonly weights: Record<string, Tensor>;
  readonly state: Record<string, Tensor>;
}

export interface Optimiser<Step extends OptimiserStep = OptimiserStep> {
  /**
   * The state for some weights: tensors of role `weight`, others are passed over. Names are `<prefix><slot>` and
   * `<prefix><slot>.<weight>`.
   */
  state(weights: StateSpec, prefix: string): Record<string, StateTensor>;
  /** @throws {LapyraError} `LAPYRA_NN_MISSING` if a gradient or a state tensor is missing */
  update(step: Step): OptimiserResult;
}

/** The tensors of role `weight`: what an optimiser trains. */
export function trainable(state: StateSpec): Record<string, StateTensor> {
  return Object.fromEntries(Object.entries(state).filter(([, { role }]) => role === 'weight'));
}

/**
 * The tensors that `spec` names, out of a larger state.
 *
 * @throws {LapyraError} `LAPYRA_NN_MISSING`
 */
export function pick(state: Tensors, spec: StateSpec): Record<string, Tensor> {
  return Object.fromEntries(
    Object.keys(spec).map((name) => [name, expectTensor('pick', state, name)]),
  );
}

/** One state tensor of zeros per weight, named `<prefix><slot>.<weight>`. */
export function slots(
  weights: StateSpec,
  prefix: string,
  slot: string,
): Record<string, StateTensor> {
  return Object.fromEntries(
    Object.entries(trainable(weights)).map(([name, { shape }]) => [
      `${prefix}${slot}.${name}`,
      { shape, role: 'optimiser', initial: zeros },
    ]),
  );
}

/** A scalar of the optimiser's own. */
export const counter: StateTensor = { shape: [], role: 'optimiser', initial: zeros };
