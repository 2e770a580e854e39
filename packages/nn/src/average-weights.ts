import type { StateTensor, Tensors } from '@lapyra/core';
import * as tf from '@tensorflow/tfjs-core';
import { expectTensor } from './expect.js';
import type { StateSpec } from './module.js';
import { trainable } from './optimiser.js';

/** The state of an average of weights: `<prefix><weight>`, beginning as a copy of the weight. */
export function averageState(weights: StateSpec, prefix: string): Record<string, StateTensor> {
  return Object.fromEntries(
    Object.entries(trainable(weights)).map(([name, { shape }]) => [
      prefix + name,
      { shape, role: 'average', initial: { copy: name } },
    ]),
  );
}

/**
 * The exponential average of weights after a step: decay·average + (1 − decay)·weight, named as in `average`.
 *
 * @param average by `<prefix><weight>`; other tensors in it are passed over
 * @param weights the new weights, by name
 * @param decay in [0, 1]: 0.99 averages over about 100 steps
 * @throws {LapyraError} `LAPYRA_NN_MISSING`
 */
export function averageWeights(
  average: Tensors,
  weights: Tensors,
  decay: number | tf.Tensor,
  prefix: string,
): Record<string, tf.Tensor> {
  const share = typeof decay === 'number' ? 1 - decay : tf.sub(1, decay);
  return Object.fromEntries(
    Object.entries(weights).map(([name, weight]) => {
      const old = expectTensor('averageWeights', average, prefix + name);
      return [prefix + name, tf.add(old, tf.mul(tf.sub(weight, old), share))];
    }),
  );
}
