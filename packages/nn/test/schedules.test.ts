import {
  asRate,
  constant,
  cosine,
  linearDecay,
  perEpochDivide,
  perEpochRise,
  warmup,
} from '@lapyra/nn';
import type { ScheduledScalar } from '@lapyra/core';
import { describe, expect, it } from 'vitest';

function at(schedule: ScheduledScalar, step: number, images = 45_000): number {
  return schedule.at({ step, steps: 1000, images });
}

describe('schedules', () => {
  it('constant', () => {
    expect([at(constant(0.3), 0), at(constant(0.3), 999)]).toEqual([0.3, 0.3]);
  });

  it('linearDecay holds, then falls in a straight line to its end', () => {
    const rate = linearDecay({ from: 1, to: 0.5, startAt: 0.5 });
    expect([0, 500, 750, 1000, 2000].map((step) => at(rate, step))).toEqual([1, 1, 0.75, 0.5, 0.5]);
    expect(at(linearDecay({ from: 4, to: 0 }), 250)).toBe(3);
  });

  it('cosine goes half a turn', () => {
    const rate = cosine({ from: 3, to: 1 });
    expect([0, 500, 1000].map((step) => at(rate, step))).toEqual([3, 2, 1]);
    expect(at(rate, 250)).toBeCloseTo(2 + Math.SQRT1_2, 12);
  });

  it('warmup rises to the value of the schedule behind it', () => {
    const rate = warmup(4, asRate(linearDecay({ from: 2, to: 0 })));
    expect([0, 1, 3].map((step) => at(rate, step))).toEqual([0.5, 0.999, 1.994]);
    expect(at(rate, 500)).toBe(1);
    expect(rate.isRate).toBe(true);
    expect(warmup(4, constant(1)).isRate).toBeUndefined();
  });

  it('perEpochRise is the momentum of LAPGAN: an epoch of 45 000 images is 704 steps of 64', () => {
    const momentum = perEpochRise({ from: 0.5, by: 0.0008, cap: 0.8, imagesPerStep: 64 });
    expect([0, 703, 704, 1407].map((step) => at(momentum, step))).toEqual([
      0.5, 0.5, 0.5008, 0.5008,
    ]);
    expect(at(momentum, 374 * 704)).toBeCloseTo(0.7992, 12);
    expect(at(momentum, 375 * 704)).toBeCloseTo(0.8, 12);
    expect(at(momentum, 500 * 704)).toBe(0.8);
  });

  it('perEpochDivide is the rate of LAPGAN: 0.0197 after 375 epochs', () => {
    const rate = perEpochDivide({ from: 0.02, by: 1.00004, floor: 1e-6, imagesPerStep: 64 });
    expect(at(rate, 703)).toBe(0.02);
    expect(at(rate, 704)).toBeCloseTo(0.02 / 1.00004, 15);
    expect(at(rate, 375 * 704)).toBeCloseTo(0.0197, 5);
    const fast = perEpochDivide({ from: 1, by: 10, floor: 0.05, imagesPerStep: 100 });
    expect([0, 1, 2].map((step) => at(fast, step, 100))).toEqual([1, 0.1, 0.05]);
  });

  it('asRate marks a learning rate', () => {
    expect(asRate(constant(2)).isRate).toBe(true);
    expect(at(asRate(constant(2)), 5)).toBe(2);
  });

  it.each([
    ['startAt', () => linearDecay({ from: 1, to: 0, startAt: 1 })],
    ['steps', () => warmup(0, constant(1))],
    ['imagesPerStep', () => perEpochRise({ from: 0, by: 1, cap: 1, imagesPerStep: 0 })],
  ])('refuse a bad %s', (_name, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'LAPYRA_NN_OPTION' }));
  });
});
