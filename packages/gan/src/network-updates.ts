// What becomes of both networks when their gradients are known, however these were found: of a whole batch in one program,
// or of its parts in several.
import type { ScheduledScalar, StateTensor, Tensors } from '@lapyra/core';
import {
  averageState,
  averageWeights,
  blend,
  pick,
  scoped,
  type StateSpec,
  trainable,
  type ValueAndGrads,
  withoutPrefix,
} from '@lapyra/nn';
import type { AdversarialOptions } from './adversarial-options.js';
import type { Adversaries } from './adversaries.js';
import { levelOptimiser } from './level-optimiser.js';
import { marginGates } from './margin-rule.js';

/** What a pass says, but for the loss as a whole. */
export type Verdict = Pick<ValueAndGrads, 'gradients' | 'aux'>;

export interface JudgeUpdate {
  /** All that is new of the discriminator. */
  readonly next: Tensors;
  /** The discriminator as it will be after the step, which the generator meets. */
  readonly opponent: Tensors;
  /** With a margin rule: which network learns. */
  readonly gates: ReturnType<typeof marginGates> | null;
}

export interface NetworkUpdates {
  readonly scalars: Readonly<Record<string, ScheduledScalar>>;
  /** The networks' own tensors, under `g.` and `d.`. */
  readonly g: StateSpec;
  readonly d: StateSpec;
  /** The same with those of optimiser and average. */
  readonly generatorState: Readonly<Record<string, StateTensor>>;
  readonly discriminatorState: Readonly<Record<string, StateTensor>>;
  /** @param verdict of the discriminator: `aux` has `real` and `others`, beside its new statistics */
  judged(state: Tensors, inputs: Tensors, verdict: Verdict): JudgeUpdate;
  /** All that is new of the generator after it has learnt. @param lesson new statistics are behind `state.` in `aux` */
  taught(state: Tensors, inputs: Tensors, lesson: Verdict): Tensors;
  /** The gates of all that belongs to a network, by prefix. */
  byNetwork(gates: ReturnType<typeof marginGates>): Tensors;
}

export function networkUpdates(nets: Adversaries, options: AdversarialOptions): NetworkUpdates {
  const { average, margin = null } = options;
  const optimiser = levelOptimiser(options);
  const g = scoped('g.', nets.generator).state;
  const d = nets.discriminator ? scoped('d.', nets.discriminator).state : {};
  return {
    scalars: optimiser.scalars,
    g,
    d,
    generatorState: {
      ...g,
      ...optimiser.state(g, 'optimiser.g.'),
      ...(average > 0 ? averageState(g, 'average.') : {}),
    },
    discriminatorState: nets.discriminator ? { ...d, ...optimiser.state(d, 'optimiser.d.') } : {},
    judged: (state, inputs, { gradients, aux: { real, others, ...statistics } }) => {
      const gates = margin && marginGates(real!, others!, margin);
      const weights = pick(state, trainable(d));
      const next = optimiser.update('optimiser.d.', { weights, gradients, state, inputs });
      const opponent = Object.fromEntries(
        Object.entries({ ...statistics, ...next.weights }).map(([name, value]) => [
          name,
          gates ? blend(state[name]!, value, gates.d) : value,
        ]),
      );
      return { next: { ...next.weights, ...next.state, ...statistics }, opponent, gates };
    },
    taught: (state, inputs, { gradients, aux }) => {
      const weights = pick(state, trainable(g));
      const next = optimiser.update('optimiser.g.', { weights, gradients, state, inputs });
      return {
        ...next.weights,
        ...next.state,
        ...withoutPrefix('state.', aux),
        ...(average > 0 ? averageWeights(state, next.weights, average, 'average.') : {}),
      };
    },
    byNetwork: ({ d: judge, g: draw }) => ({
      'd.': judge,
      'optimiser.d.': judge,
      'g.': draw,
      'optimiser.g.': draw,
      ...(average > 0 ? { 'average.': draw } : {}),
    }),
  };
}
