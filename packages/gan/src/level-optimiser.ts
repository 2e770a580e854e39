import type { ScheduledScalar, StateTensor, Tensors } from '@lapyra/core';
import {
  adam,
  asRate,
  linearDecay,
  type OptimiserResult,
  perEpochDivide,
  perEpochRise,
  sgd,
  type StateSpec,
} from '@lapyra/nn';
import type { TrainingOptions } from './training-options.js';

/** The optimiser that the options name, for both networks: its state, its schedules and its update. */
export interface LevelOptimiser {
  readonly scalars: Readonly<Record<string, ScheduledScalar>>;
  state(weights: StateSpec, prefix: string): Record<string, StateTensor>;
  /** @param inputs the step's inputs, the scalars among them */
  update(
    prefix: string,
    step: {
      readonly weights: Tensors;
      readonly gradients: Tensors;
      readonly state: Tensors;
      readonly inputs: Tensors;
    },
  ): OptimiserResult;
}

export function levelOptimiser({
  optimiser: options,
  batch,
}: Pick<TrainingOptions, 'optimiser' | 'batch'>): LevelOptimiser {
  const imagesPerStep = batch.real;
  if (options.kind === 'adam') {
    const { rate, beta1, beta2, decayFrom, decayTo } = options;
    const { state, update } = adam({ beta1, beta2 });
    return {
      scalars: {
        rate: asRate(linearDecay({ from: rate, to: rate * decayTo, startAt: decayFrom })),
      },
      state,
      update: (prefix, { inputs, ...step }) => update({ ...step, prefix, rate: inputs['rate']! }),
    };
  }
  const { state, update } = sgd({ momentum: 'scheduled', dampening: 'momentum' });
  return {
    scalars: {
      rate: asRate(
        perEpochDivide({
          from: options.rate,
          by: options.rateDivisor,
          floor: Math.min(1e-6, options.rate),
          imagesPerStep,
        }),
      ),
      momentum: perEpochRise({
        from: options.momentum,
        by: options.momentumRise,
        cap: options.momentumTo,
        imagesPerStep,
      }),
    },
    state,
    update: (prefix, { inputs, ...step }) =>
      update({ ...step, prefix, rate: inputs['rate']!, momentum: inputs['momentum']! }),
  };
}
