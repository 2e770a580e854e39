// The training of a level that minimises one loss by Adam, as regression, likelihoods and denoising do: adversaries are
// elsewhere. One program a step, and an average of the weights to draw with.
import type {
  ProgramResult,
  Resample,
  StateTensor,
  StepProgram,
  StepTraining,
  Tensors,
} from '@lapyra/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { adam } from './adam.js';
import { averageState, averageWeights } from './average-weights.js';
import { commit } from './commit.js';
import type { StateSpec } from './module.js';
import { pick, trainable } from './optimiser.js';
import { asRate, linearDecay } from './schedules.js';
import { withoutPrefix, withPrefix } from './scoped.js';
import { valueAndGrads } from './value-and-grads.js';

/** How the weights learn. */
export interface LossOptimiser {
  /** Adam's learning rate, above 0. */
  readonly rate: number;
  /** Decay of the first moment, in [0, 1). */
  readonly beta1: number;
  /** Decay of the second moment, in [0, 1). */
  readonly beta2: number;
  /** Part of the steps, in [0, 1), after which the rate begins to fall in a straight line. */
  readonly decayFrom: number;
  /** What the rate falls to, as a part of itself; 1: it does not fall. */
  readonly decayTo: number;
}

/** What a step makes of state and inputs. */
export interface StepLoss {
  /** Shape []: what is minimised. */
  readonly loss: Tensor;
  /** Scalars to record, by the names announced. */
  readonly recorded: Tensors;
  /** New values of all statistics in the state, if it has any. */
  readonly statistics?: Tensors;
}

export interface LossTrainingOptions {
  /** Weights, statistics, and what is frozen. */
  readonly state: StateSpec;
  /** What the step asks for: see StepProgram. */
  readonly inputs: Partial<Pick<StepProgram, 'draws' | 'noise' | 'random'>>;
  /** Names of the scalars that the loss records. */
  readonly records: readonly string[];
  /**
   * @param state all of the state; only its weights are differentiated
   * @param resample the pyramid's d and u
   */
  loss(state: Tensors, inputs: Tensors, resample: Resample): StepLoss;
  readonly optimiser: LossOptimiser;
  /** Decay a step, in [0, 1), of the average of the weights that the sampler draws with; 0: the weights themselves. */
  readonly average: number;
}

/**
 * Training by one program, `step`, that takes the gradient of a loss and lets Adam (Kingma & Ba 2015) move the weights. The
 * sampler reads the same names: of a weight the average, of all else the thing itself.
 *
 * State beside the given: `optimiser.…`, and `average.<weight>` with an average.
 */
export function lossTraining(options: LossTrainingOptions): StepTraining {
  const { inputs: asked, records, average } = options;
  const { rate, beta1, beta2, decayFrom, decayTo } = options.optimiser;
  const optimiser = adam({ beta1, beta2 });
  const weightSpec = trainable(options.state);
  const state: Record<string, StateTensor> = {
    ...options.state,
    ...optimiser.state(weightSpec, 'optimiser.'),
    ...(average > 0 ? averageState(weightSpec, 'average.') : {}),
  };
  const run = (current: Tensors, inputs: Tensors, resample: Resample): ProgramResult => {
    const weights = pick(current, weightSpec);
    const { aux, gradients } = valueAndGrads((moving) => {
      const step = options.loss({ ...current, ...moving }, inputs, resample);
      return {
        loss: step.loss,
        aux: {
          ...withPrefix('recorded.', step.recorded),
          ...withPrefix('statistics.', step.statistics ?? {}),
        },
      };
    }, weights);
    const next = optimiser.update({
      prefix: 'optimiser.',
      weights,
      gradients,
      state: current,
      rate: inputs['rate']!,
    });
    return commit({
      state: current,
      next: {
        ...next.weights,
        ...next.state,
        ...withoutPrefix('statistics.', aux),
        ...(average > 0 ? averageWeights(current, next.weights, average, 'average.') : {}),
      },
      losses: withoutPrefix('recorded.', aux),
    });
  };
  return {
    kind: 'steps',
    state,
    programs: [
      {
        name: 'step',
        draws: {},
        noise: {},
        random: {},
        ...asked,
        scalars: ['rate'],
        reads: Object.keys(state),
        writes: Object.keys(state).filter((name) => state[name]!.role !== 'frozen'),
        outputs: [...records, 'finite'],
        run,
      },
    ],
    scalars: {
      rate: asRate(linearDecay({ from: rate, to: rate * decayTo, startAt: decayFrom })),
    },
    samplerState: Object.fromEntries(
      Object.entries(options.state).map(([name, { role }]) => [
        name,
        role === 'weight' && average > 0 ? `average.${name}` : name,
      ]),
    ),
  };
}
