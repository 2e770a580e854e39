// Scalars that change with the step: learning rates, momentum. The host computes them in double precision.
import type { ScheduledScalar, StepClock } from '@lapyra/core';
import { expectOption, isWhole } from './expect.js';

/** Marks a schedule as a learning rate, which is halved when a diverged level is tried again. */
export function asRate(schedule: ScheduledScalar): ScheduledScalar {
  return { at: (clock) => schedule.at(clock), isRate: true };
}

/** Always the same. */
export function constant(value: number): ScheduledScalar {
  return { at: () => value };
}

export interface DecayOptions {
  readonly from: number;
  readonly to: number;
  /** Fraction of the training, in [0, 1), up to which the value stays at `from`. @default 0 */
  readonly startAt?: number;
}

/** `from` until `startAt` of the training, then in a straight line to `to`, which it has at the end. */
export function linearDecay({ from, to, startAt = 0 }: DecayOptions): ScheduledScalar {
  const progress = progressAfter('linearDecay', startAt);
  return { at: (clock) => from + (to - from) * progress(clock) };
}

/** `from` until `startAt` of the training, then along half a cosine to `to`. Source: Loshchilov & Hutter 2017. */
export function cosine({ from, to, startAt = 0 }: DecayOptions): ScheduledScalar {
  const progress = progressAfter('cosine', startAt);
  return { at: (clock) => to + ((from - to) * (1 + Math.cos(Math.PI * progress(clock)))) / 2 };
}

/** `then`, with its value multiplied by 1/n, 2/n, … 1 over the first n = `steps` steps. */
export function warmup(steps: number, then: ScheduledScalar): ScheduledScalar {
  expectOption('warmup', isWhole(steps), 'a whole number of steps ≥ 1', steps);
  const at = (clock: StepClock): number => Math.min(1, (clock.step + 1) / steps) * then.at(clock);
  return then.isRate === undefined ? { at } : { at, isRate: then.isRate };
}

export interface PerEpochRiseOptions {
  readonly from: number;
  /** Added once per epoch. */
  readonly by: number;
  readonly cap: number;
  /** Training images that one step uses; an epoch is ⌈images/imagesPerStep⌉ steps. */
  readonly imagesPerStep: number;
}

/** min(cap, from + by·epoch). LAPGAN's momentum: from 0.5 by 0.0008 up to 0.8. */
export function perEpochRise(options: PerEpochRiseOptions): ScheduledScalar {
  const { from, by, cap, imagesPerStep } = options;
  const epoch = epochs('perEpochRise', imagesPerStep);
  return { at: (clock) => Math.min(cap, from + by * epoch(clock)) };
}

export interface PerEpochDivideOptions {
  readonly from: number;
  /** The divisor, applied once per epoch. */
  readonly by: number;
  /** The value never falls below. @default 0 */
  readonly floor?: number;
  /** Training images that one step uses; an epoch is ⌈images/imagesPerStep⌉ steps. */
  readonly imagesPerStep: number;
}

/** max(floor, from/by^epoch). LAPGAN's learning rate: from 0.02 by 1.000004, in its paper 1.00004, floor 1e-6. */
export function perEpochDivide(options: PerEpochDivideOptions): ScheduledScalar {
  const { from, by, floor = 0, imagesPerStep } = options;
  const epoch = epochs('perEpochDivide', imagesPerStep);
  return { at: (clock) => Math.max(floor, from / by ** epoch(clock)) };
}

function progressAfter(subject: string, startAt: number): (clock: StepClock) => number {
  expectOption(subject, startAt >= 0 && startAt < 1, 'startAt in [0, 1)', startAt);
  return ({ step, steps }) => {
    const start = startAt * steps;
    return Math.min(1, Math.max(0, (step - start) / (steps - start)));
  };
}

function epochs(subject: string, imagesPerStep: number): (clock: StepClock) => number {
  expectOption(subject, imagesPerStep > 0, 'imagesPerStep > 0', imagesPerStep);
  return ({ step, images }) => Math.floor(step / Math.ceil(images / imagesPerStep));
}
