// How a generator and a discriminator learn against each other, for first and refining levels alike: one traced program
// a step, as in the authors' loop (github.com/facebook/eyescream, cifar/train/*.lua). The discriminator learns from real
// and generated images in one batch; then the generator learns, against the discriminator just updated, from fresh noise.
import type { StateTensor, StepProgram, StepTraining, Tensors } from '@lapyra/core';
import {
  averageState,
  averageWeights,
  blend,
  commit,
  pick,
  scoped,
  type StateSpec,
  trainable,
  type ValueAndGrads,
  withoutPrefix,
  withPrefix,
} from '@lapyra/nn';
import { adversarialNetworks } from './adversarial-networks.js';
import { type AdversarialOptions, checkAdversarialOptions } from './adversarial-options.js';
import type { Adversaries } from './adversaries.js';
import { levelOptimiser } from './level-optimiser.js';
import { critic } from './critic.js';
import { marginGates } from './margin-rule.js';
import { adversarialPasses, type PassInputs } from './passes.js';

/**
 * Train two networks against each other, or a generator alone: the discriminator's loss is the mean over all that it is shown of what real and
 * other images cost it; the generator's is what its images cost it, plus its terms, weighted.
 *
 * Recorded are the losses `d` and `g` and those of the terms by name. State: the generator's behind `g.`, the
 * discriminator's behind `d.`, `optimiser.g.`, `optimiser.d.`, `average.g.` if there is an average, a term's own behind
 * its name. With a margin rule `dLearns` and `gLearns` are recorded, too: 1 for a network that learnt at the step.
 *
 * @throws {LapyraError} `LAPYRA_GAN_OPTION` for options that do not go together
 */
export function adversarialTraining(nets: Adversaries, options: AdversarialOptions): StepTraining {
  checkAdversarialOptions(nets, options);
  const { average, terms = [], pretraining = 0, margin = null } = options;
  const g = scoped('g.', nets.generator);
  const passes = adversarialPasses(nets, options);
  const optimiser = levelOptimiser(options);
  const generatorState: Record<string, StateTensor> = {
    ...g.state,
    ...optimiser.state(g.state, 'optimiser.g.'),
    ...(average > 0 ? averageState(g.state, 'average.') : {}),
  };
  const d = nets.discriminator && scoped('d.', nets.discriminator);
  const discriminatorState: Record<string, StateTensor> = d
    ? { ...d.state, ...optimiser.state(d.state, 'optimiser.d.') }
    : {};
  const termState = Object.fromEntries(
    terms.flatMap(({ name, state = {} }) => Object.entries(withPrefix(`${name}.`, state))),
  );

  /** All that is new of the generator after it has learnt. */
  const taught = (state: Tensors, inputs: Tensors, { aux, gradients }: ValueAndGrads): Tensors => {
    const weights = pick(state, trainable(g.state));
    const next = optimiser.update('optimiser.g.', { weights, gradients, state, inputs });
    return {
      ...next.weights,
      ...next.state,
      ...withoutPrefix('state.', aux),
      ...(average > 0 ? averageWeights(state, next.weights, average, 'average.') : {}),
    };
  };
  const termNames = terms.map(({ name }) => name);
  const recorded = (aux: Tensors, names: readonly string[]): Tensors =>
    Object.fromEntries(names.map((name) => [name, aux[name]!]));

  const program = (
    name: string,
    written: Readonly<Record<string, StateTensor>>,
    losses: readonly string[],
    needs: Pick<StepProgram, 'draws' | 'noise' | 'random'>,
    run: StepProgram['run'],
  ): StepProgram => ({
    name,
    ...needs,
    scalars: Object.keys(optimiser.scalars),
    reads: [...Object.keys(written), ...Object.keys(termState)],
    writes: Object.keys(written),
    outputs: [...losses, 'finite'],
    run,
  });

  const game = (judge: StateSpec, needs: PassInputs): StepProgram =>
    program(
      'step',
      { ...generatorState, ...discriminatorState },
      ['d', 'g', ...termNames, ...(margin ? ['dLearns', 'gLearns'] : [])],
      needs,
      (state, inputs, resample) => {
        const { loss, gradients, aux } = passes.judging(state, inputs);
        const { real, others, ...statistics } = aux;
        const gates = margin && marginGates(real!, others!, margin);
        const weights = pick(state, trainable(judge));
        const next = optimiser.update('optimiser.d.', { weights, gradients, state, inputs });
        // The generator meets the discriminator as it will be after this step.
        const opponent = Object.fromEntries(
          Object.entries({ ...statistics, ...next.weights }).map(([name, value]) => [
            name,
            gates ? blend(state[name]!, value, gates.d) : value,
          ]),
        );
        const lesson = passes.learning(state, inputs, opponent, resample);
        return commit({
          state,
          next: {
            ...next.weights,
            ...next.state,
            ...statistics,
            ...taught(state, inputs, lesson),
          },
          losses: {
            d: loss,
            ...recorded(lesson.aux, ['g', ...termNames]),
            ...(gates ? { dLearns: gates.d, gLearns: gates.g } : {}),
          },
          ...(gates ? { gates: byNetwork(gates) } : {}),
        });
      },
    );
  /** The gates of all that belongs to a network. */
  const byNetwork = ({ d: judge, g: draw }: ReturnType<typeof marginGates>): Tensors => ({
    'd.': judge,
    'optimiser.d.': judge,
    'g.': draw,
    'optimiser.g.': draw,
    ...(average > 0 ? { 'average.': draw } : {}),
  });
  const alone = program(
    'alone',
    generatorState,
    termNames,
    passes.alone,
    (state, inputs, resample) => {
      const lesson = passes.learning(state, inputs, null, resample);
      return commit({
        state,
        next: taught(state, inputs, lesson),
        losses: recorded(lesson.aux, termNames),
      });
    },
  );
  const samplerState = Object.fromEntries(
    Object.entries(g.state).map(([name, { role }]) => [
      name,
      role === 'weight' && average > 0 ? `average.${name}` : name,
    ]),
  );
  return {
    kind: 'steps',
    state: { ...generatorState, ...discriminatorState, ...termState },
    programs: [
      ...(pretraining > 0 || !d ? [alone] : []),
      ...(d && passes.game ? [game(d.state, passes.game)] : []),
    ],
    ...(pretraining > 0
      ? { order: ({ step, steps }) => [step < pretraining * steps ? 'alone' : 'step'] }
      : {}),
    ...(nets.discriminator ? { critic: critic(nets, nets.discriminator, options) } : {}),
    scalars: optimiser.scalars,
    samplerState,
    networks: adversarialNetworks(nets, samplerState),
  };
}
