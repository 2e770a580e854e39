import { describe, expect, it } from 'vitest';
import { createProgressMeter } from './progress-meter.js';

describe('createProgressMeter', () => {
  it('gives the rate of steps, without what was paused', () => {
    let now = 0;
    const meter = createProgressMeter(() => now);
    meter.tick();
    expect(meter.rate()).toBe(0);
    for (let i = 0; i < 30; i++) {
      now += 50;
      meter.tick();
    }
    expect(meter.rate()).toBeCloseTo(20, 10);
    meter.pause();
    now += 10_000;
    meter.tick();
    now += 50;
    meter.tick();
    expect(meter.rate()).toBeCloseTo(20, 10);
  });

  it('lets something be said four times a second', () => {
    let now = 0;
    const meter = createProgressMeter(() => now);
    const due: number[] = [];
    for (; now < 1000; now += 10) if (meter.isDue()) due.push(now);
    expect(due).toEqual([0, 250, 500, 750]);
  });
});
