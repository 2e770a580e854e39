import { LapyraError, type ProgramResult, type Tensors } from '@lapyra/core';
import * as tf from '@tensorflow/tfjs-core';
import { allFinite } from './all-finite.js';
import { blend } from './blend.js';
import { expectShape, expectTensor } from './expect.js';

export interface CommitOptions {
  /** The state that the step was given: all tensors of `next` among others. */
  readonly state: Tensors;
  /** New values of the state tensors that the step writes. */
  readonly next: Tensors;
  /** Scalars to record, shape [] each; all must be finite. */
  readonly losses: Tensors;
  /**
   * Scalars in [0, 1], shape [], by prefix of names: `{ 'd.': gate }` holds for every tensor of `next` whose name begins
   * so; of several the longest prefix counts. Tensors without a gate change fully.
   */
  readonly gates?: Tensors;
}

/**
 * The end of a training step. Old and new state are blended by the gates; a step whose losses, gates or new state are
 * not all finite leaves every tensor exactly as it was. Outputs are the losses and `finite`, 1 or 0.
 *
 * @throws {LapyraError} `LAPYRA_NN_MISSING` for a new tensor that the state lacks; `LAPYRA_NN_SHAPE` for one of another
 * shape, or a loss or gate that is not a scalar; `LAPYRA_NN_OPTION` for a loss named `finite` or a gate that meets no tensor
 */
export function commit({ state, next, losses, gates = {} }: CommitOptions): ProgramResult {
  for (const [name, scalar] of Object.entries({ ...gates, ...losses }))
    expectShape(`commit ${name}`, scalar, []);
  const names = Object.keys(next);
  if ('finite' in losses) throw refusal("losses other than 'finite'", 'finite');
  const idle = Object.keys(gates).find((prefix) => !names.some((name) => name.startsWith(prefix)));
  if (idle !== undefined) throw refusal('gates for tensors that the step writes', idle);

  const parts = [...Object.values(losses), ...Object.values(gates), ...Object.values(next)];
  const finite = allFinite(parts);
  const good = tf.greater(finite, 0);
  const open = Object.fromEntries(
    Object.entries(gates).map(([prefix, gate]) => [prefix, tf.where(good, gate, 0)]),
  );
  const committed = names.map((name) => {
    const old = expectTensor('commit', state, name);
    const value = expectTensor('commit', next, name);
    expectShape(`commit ${name}`, value, old.shape);
    const gate = gateOf(name, open);
    return [name, gate ? blend(old, value, gate) : tf.where(good, value, old)] as const;
  });
  return { state: Object.fromEntries(committed), outputs: { ...losses, finite } };
}

function gateOf(name: string, gates: Tensors): tf.Tensor | undefined {
  const prefixes = Object.keys(gates).filter((prefix) => name.startsWith(prefix));
  const [longest] = prefixes.toSorted((a, b) => b.length - a.length);
  return longest === undefined ? undefined : gates[longest];
}

function refusal(expected: string, got: string): LapyraError {
  return new LapyraError('LAPYRA_NN_OPTION', `commit: expected ${expected}, got '${got}'.`);
}
