// How a generator and a discriminator learn against each other, for first and refining levels alike: one traced program
// a step, or several where its batches come in parts, as in the authors' loop (github.com/facebook/eyescream, cifar/train/*.lua). The discriminator learns from real
// and generated images in one batch; then the generator learns, against the discriminator just updated, from fresh noise.
import type { StateTensor, StepProgram, StepTraining, Tensors } from '@lapyra/core';
import { commit, withPrefix } from '@lapyra/nn';
import { adversarialNetworks } from './adversarial-networks.js';
import { type AdversarialOptions, checkAdversarialOptions } from './adversarial-options.js';
import type { Adversaries } from './adversaries.js';
import { critic } from './critic.js';
import { microBatches } from './micro-batches.js';
import { type NetworkUpdates, networkUpdates } from './network-updates.js';
import { adversarialPasses, type PassInputs } from './passes.js';

/**
 * Train two networks against each other, or a generator alone: the discriminator's loss is the mean over all that it is shown of what real and
 * other images cost it; the generator's is what its images cost it, plus its terms, weighted.
 *
 * Recorded are the losses `d` and `g` and those of the terms by name. State: the generator's behind `g.`, the
 * discriminator's behind `d.`, `optimiser.g.`, `optimiser.d.`, `average.g.` if there is an average, a term's own behind
 * its name. With a margin rule `dLearns` and `gLearns` are recorded, too: 1 for a network that learnt at the step.
 *
 * With `microBatches` k above 1 a step is `judge` k times, `learn` k times against the discriminator as the step will leave
 * it, and one `update`: the means over all parts are those of the whole batch, but batch norm and the terms' means over
 * paired images are those of each part. Gradients add up in state behind `gradient.`, `pending.`, `sum.` and `parts.`,
 * which is 0 between steps; a step with a part that is not finite leaves all as it was.
 *
 * @throws {LapyraError} `LAPYRA_GAN_OPTION` for options that do not go together
 */
export function adversarialTraining(nets: Adversaries, options: AdversarialOptions): StepTraining {
  checkAdversarialOptions(nets, options);
  const { average, terms = [], microBatches: parts = 1 } = options;
  const updates = networkUpdates(nets, options);
  const termState = Object.fromEntries(
    terms.flatMap(({ name, state = {} }) => Object.entries(withPrefix(`${name}.`, state))),
  );
  const { generatorState, discriminatorState, scalars } = updates;
  const steps =
    parts > 1
      ? microBatches(nets, options, updates, termState)
      : wholeBatches(nets, options, updates, termState);
  const samplerState = Object.fromEntries(
    Object.entries(updates.g).map(([name, { role }]) => [
      name,
      role === 'weight' && average > 0 ? `average.${name}` : name,
    ]),
  );
  return {
    kind: 'steps',
    ...steps,
    state: { ...generatorState, ...discriminatorState, ...termState, ...steps.state },
    ...(nets.discriminator ? { critic: critic(nets, nets.discriminator, options) } : {}),
    scalars,
    samplerState,
    networks: adversarialNetworks(nets, samplerState),
  };
}

/** The programs of a training that takes its batches whole: one program a step. */
function wholeBatches(
  nets: Adversaries,
  options: AdversarialOptions,
  updates: NetworkUpdates,
  termState: Readonly<Record<string, StateTensor>>,
): Pick<StepTraining, 'programs' | 'order' | 'state'> {
  const { terms = [], pretraining = 0, margin = null } = options;
  const passes = adversarialPasses(nets, options);
  const termNames = terms.map(({ name }) => name);
  const recorded = (aux: Tensors, names: readonly string[]): Tensors =>
    Object.fromEntries(names.map((name) => [name, aux[name]!]));

  const program = (
    name: string,
    written: Readonly<Record<string, StateTensor>>,
    losses: readonly string[],
    needs: PassInputs,
    run: StepProgram['run'],
  ): StepProgram => ({
    name,
    ...needs,
    scalars: Object.keys(updates.scalars),
    reads: [...Object.keys(written), ...Object.keys(termState)],
    writes: Object.keys(written),
    outputs: [...losses, 'finite'],
    run,
  });

  const game = (needs: PassInputs): StepProgram =>
    program(
      'step',
      { ...updates.generatorState, ...updates.discriminatorState },
      ['d', 'g', ...termNames, ...(margin ? ['dLearns', 'gLearns'] : [])],
      needs,
      (state, inputs, resample) => {
        const verdict = passes.judging(state, inputs);
        const { next, opponent, gates } = updates.judged(state, inputs, verdict);
        const lesson = passes.learning(state, inputs, opponent, resample);
        return commit({
          state,
          next: { ...next, ...updates.taught(state, inputs, lesson) },
          losses: {
            d: verdict.loss,
            ...recorded(lesson.aux, ['g', ...termNames]),
            ...(gates ? { dLearns: gates.d, gLearns: gates.g } : {}),
          },
          ...(gates ? { gates: updates.byNetwork(gates) } : {}),
        });
      },
    );
  const alone = program(
    'alone',
    updates.generatorState,
    termNames,
    passes.alone,
    (state, inputs, resample) => {
      const lesson = passes.learning(state, inputs, null, resample);
      return commit({
        state,
        next: updates.taught(state, inputs, lesson),
        losses: recorded(lesson.aux, termNames),
      });
    },
  );
  return {
    state: {},
    programs: [
      ...(pretraining > 0 || !passes.game ? [alone] : []),
      ...(passes.game ? [game(together(passes.game.judging, passes.game.learning))] : []),
    ],
    ...(pretraining > 0
      ? { order: ({ step, steps }) => [step < pretraining * steps ? 'alone' : 'step'] }
      : {}),
  };
}

function together(one: PassInputs, other: PassInputs): PassInputs {
  return {
    draws: { ...one.draws, ...other.draws },
    noise: { ...one.noise, ...other.noise },
    random: { ...one.random, ...other.random },
  };
}
