// A step in parts, for batches that do not fit memory: `judge` and `learn` run as often as there are parts and add up what
// they find, in tensors of their own; only `update`, at the end, changes the networks, both at once. A part that is not
// finite adds nothing: `update` then counts too few, and the step leaves all as it was.
import type { ProgramResult, StateTensor, StepProgram, StepTraining, Tensors } from '@lapyra/core';
import { commit, withoutPrefix, withPrefix } from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { AdversarialOptions } from './adversarial-options.js';
import type { Adversaries } from './adversaries.js';
import type { JudgeUpdate, NetworkUpdates } from './network-updates.js';
import { partSums } from './part-sums.js';
import { adversarialPasses, type PassInputs } from './passes.js';

type Parts = Required<Pick<StepTraining, 'state' | 'programs' | 'order'>>;

const NOTHING = { draws: {}, noise: {}, random: {} } as const;

/**
 * The programs of a training whose batches come in parts, and the state that they add.
 *
 * @param termState frozen tensors of the terms, by full names
 */
export function microBatches(
  nets: Adversaries,
  options: AdversarialOptions,
  updates: NetworkUpdates,
  termState: Readonly<Record<string, StateTensor>>,
): Parts {
  const { microBatches: count = 1, margin = null, pretraining = 0, terms = [] } = options;
  const passes = adversarialPasses(nets, ofOnePart(options, count));
  const { generatorState, discriminatorState } = updates;
  const termNames = terms.map(({ name }) => name);
  /** What the margin rule goes by. */
  const measures = margin ? ['real', 'others'] : [];
  const judged = partSums('d', updates.d, ['d', ...measures], count);
  const taught = partSums('g', updates.g, ['g', ...termNames], count);
  const taughtAlone = partSums('g', updates.g, termNames, count);
  const scalars = Object.keys(updates.scalars);
  const names = (...specs: readonly object[]): string[] => specs.flatMap(Object.keys);

  /** What all judging parts together say of the discriminator. */
  const verdict = (state: Tensors, inputs: Tensors): JudgeUpdate => {
    const losses = judged.losses(state);
    return updates.judged(state, inputs, {
      gradients: judged.gradients(state),
      aux: {
        ...judged.statistics(state),
        ...Object.fromEntries(measures.map((name) => [name, losses[name]!])),
      },
    });
  };
  const lesson = (state: Tensors, inputs: Tensors, sums: typeof taught): Tensors =>
    updates.taught(state, inputs, {
      gradients: sums.gradients(state),
      aux: withPrefix('state.', sums.statistics(state)),
    });
  const learn = (
    name: string,
    sums: typeof taught,
    needs: PassInputs,
    meets: ((state: Tensors, inputs: Tensors) => Tensors) | null,
  ): StepProgram => ({
    name,
    ...needs,
    scalars: meets ? scalars : [],
    reads: names(
      updates.g,
      sums.state,
      termState,
      ...(meets ? [discriminatorState, judged.state] : []),
    ),
    writes: names(sums.state),
    outputs: ['finite'],
    run: (state, inputs, resample) => {
      const now = { ...state, ...sums.statistics(state) };
      const opponent = meets?.(state, inputs) ?? null;
      const { gradients, aux } = passes.learning(now, inputs, opponent, resample);
      const statistics = withoutPrefix('state.', aux);
      return commit({
        state,
        next: sums.added(state, { gradients, statistics, losses: aux }),
        losses: {},
      });
    },
  });
  /** The end of a step: its losses are no numbers if a part is missing, and then nothing is taken over. */
  const finish = (
    complete: tf.Tensor,
    end: Parameters<typeof commit>[0],
    cleared: Tensors,
  ): ProgramResult => {
    const losses = Object.fromEntries(
      Object.entries(end.losses).map(([name, loss]) => [name, tf.div(loss, complete)]),
    );
    const { state, outputs } = commit({ ...end, losses });
    return { state: { ...state, ...cleared }, outputs };
  };

  const alone: StepProgram[] = [
    learn('alone', taughtAlone, passes.alone, null),
    {
      name: 'updateAlone',
      ...NOTHING,
      scalars,
      reads: names(generatorState, taughtAlone.state),
      writes: names(generatorState, taughtAlone.state),
      outputs: [...termNames, 'finite'],
      run: (state, inputs) =>
        finish(
          taughtAlone.complete(state),
          {
            state,
            next: lesson(state, inputs, taughtAlone),
            losses: taughtAlone.losses(state),
          },
          taughtAlone.cleared(state),
        ),
    },
  ];
  const game = passes.game && [
    {
      name: 'judge',
      ...passes.game.judging,
      scalars: [],
      reads: names(updates.g, updates.d, judged.state),
      writes: names(judged.state),
      outputs: ['finite'],
      run: (state: Tensors, inputs: Tensors): ProgramResult => {
        const now = { ...state, ...judged.statistics(state) };
        const { loss, gradients, aux } = passes.judging(now, inputs);
        const losses = { ...aux, d: loss };
        return commit({
          state,
          next: judged.added(state, { gradients, statistics: aux, losses }),
          losses: {},
        });
      },
    },
    learn(
      'learn',
      taught,
      passes.game.learning,
      (state, inputs) => verdict(state, inputs).opponent,
    ),
    {
      name: 'update',
      ...NOTHING,
      scalars,
      reads: names(generatorState, discriminatorState, judged.state, taught.state),
      writes: names(generatorState, discriminatorState, judged.state, taught.state),
      outputs: ['d', 'g', ...termNames, ...(margin ? ['dLearns', 'gLearns'] : []), 'finite'],
      run: (state: Tensors, inputs: Tensors): ProgramResult => {
        const { next, gates: open } = verdict(state, inputs);
        return finish(
          tf.mul(judged.complete(state), taught.complete(state)),
          {
            state,
            next: { ...next, ...lesson(state, inputs, taught) },
            losses: {
              d: judged.losses(state)['d']!,
              ...taught.losses(state),
              ...(open ? { dLearns: open.d, gLearns: open.g } : {}),
            },
            ...(open ? { gates: updates.byNetwork(open) } : {}),
          },
          { ...judged.cleared(state), ...taught.cleared(state) },
        );
      },
    },
  ];
  const often = (name: string): string[] => Array.from({ length: count }, () => name);
  const alonePart = [...often('alone'), 'updateAlone'];
  const gamePart = [...often('judge'), ...often('learn'), 'update'];
  return {
    state: game ? { ...judged.state, ...taught.state } : taughtAlone.state,
    programs: [...(pretraining > 0 || !game ? alone : []), ...(game ?? [])],
    order: ({ step, steps }) => (!game || step < pretraining * steps ? alonePart : gamePart),
  };
}

/** The same for one part of a batch. */
function ofOnePart(options: AdversarialOptions, parts: number): AdversarialOptions {
  const { batch, interpolation = null } = options;
  return {
    ...options,
    batch: {
      real: batch.real / parts,
      generated: batch.generated / parts,
      generator: batch.generator / parts,
    },
    interpolation: interpolation && { ...interpolation, count: interpolation.count / parts },
  };
}
