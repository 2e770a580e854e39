import type { StateTensor, Tensors } from '@lapyra/core';
import { pick, type StateSpec, trainable, withPrefix } from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';

const counter: StateTensor = { shape: [], role: 'optimiser', initial: { fill: 0 } };

/** What the parts of a step have found so far for one network; between two steps all of it is 0. */
export interface PartSums {
  /**
   * `gradient.<weight>`; `pending.<statistic>`, as the parts have left it; `sum.<network>.<loss>`; `parts.<network>`, how
   * many were added.
   */
  readonly state: Readonly<Record<string, StateTensor>>;
  /** The network's statistics for the next part. */
  statistics(state: Tensors): Tensors;
  /** The sums with one part more. */
  added(
    state: Tensors,
    part: { readonly gradients: Tensors; readonly statistics: Tensors; readonly losses: Tensors },
  ): Tensors;
  /** Means over all parts, by the weights' and the losses' own names. */
  gradients(state: Tensors): Tensors;
  losses(state: Tensors): Tensors;
  /** 1 if all parts were added, else 0. */
  complete(state: Tensors): tf.Tensor;
  /** All zeros. */
  cleared(state: Tensors): Tensors;
}

/**
 * @param network `g` or `d`
 * @param spec its own tensors
 * @param losses names of what is recorded of it
 * @param parts in a step
 */
export function partSums(
  network: 'd' | 'g',
  spec: StateSpec,
  losses: readonly string[],
  parts: number,
): PartSums {
  const weights = Object.keys(trainable(spec));
  const others = Object.keys(spec).filter((name) => !weights.includes(name));
  const zeros = (name: string): StateTensor => ({ ...counter, shape: spec[name]!.shape });
  const count = `parts.${network}`;
  const state: Record<string, StateTensor> = {
    ...Object.fromEntries(weights.map((name) => [`gradient.${name}`, zeros(name)])),
    ...Object.fromEntries(others.map((name) => [`pending.${name}`, zeros(name)])),
    ...Object.fromEntries(losses.map((name) => [`sum.${network}.${name}`, counter])),
    [count]: counter,
  };
  const from = (given: Tensors, prefix: string, names: readonly string[]): Tensors =>
    Object.fromEntries(names.map((name) => [name, given[prefix + name]!]));
  return {
    state,
    statistics: (given) => {
      const none = tf.equal(given[count]!, 0);
      return Object.fromEntries(
        others.map((name) => [name, tf.where(none, given[name]!, given[`pending.${name}`]!)]),
      );
    },
    added: (given, part) => {
      const more = (prefix: string, names: readonly string[], values: Tensors): Tensors =>
        Object.fromEntries(
          names.map((name) => [
            prefix + name,
            tf.add(given[prefix + name]!, tf.mul(values[name]!, 1 / parts)),
          ]),
        );
      return {
        ...more('gradient.', weights, part.gradients),
        ...withPrefix('pending.', from(part.statistics, '', others)),
        ...more(`sum.${network}.`, losses, part.losses),
        [count]: tf.add(given[count]!, 1),
      };
    },
    gradients: (given) => from(given, 'gradient.', weights),
    losses: (given) => from(given, `sum.${network}.`, losses),
    complete: (given) => tf.cast(tf.equal(given[count]!, parts), 'float32'),
    cleared: (given) =>
      Object.fromEntries(
        Object.entries(pick(given, state)).map(([name, tensor]) => [name, tf.zerosLike(tensor)]),
      ),
  };
}
