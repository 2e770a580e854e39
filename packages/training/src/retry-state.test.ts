import { describe, expect, it } from 'vitest';
import { countRefusal, FIRST_ATTEMPT, hasDiverged, isCalm, nextAttempt } from './retry-state.js';

describe('retry state', () => {
  it('has diverged at the tenth refusal within a hundred steps', () => {
    let state = FIRST_ATTEMPT;
    for (let step = 1; step <= 91; step++) state = countRefusal(state, step, step % 10 === 1);
    expect(state.refused).toHaveLength(10); // 1, 11, …, 91
    expect(hasDiverged(state)).toBe(true);
  });

  it('forgets refusals that are a hundred steps old', () => {
    let state = FIRST_ATTEMPT;
    for (let step = 1; step <= 1000; step++) state = countRefusal(state, step, step % 12 === 0);
    expect(state.refused).toHaveLength(8); // 912, 924, …, 996
    expect(hasDiverged(state)).toBe(false);
    for (let step = 1001; step <= 1096; step++) state = countRefusal(state, step, false);
    expect(isCalm(state)).toBe(true);
  });

  it('halves the rate with each attempt', () => {
    const second = nextAttempt(nextAttempt({ ...FIRST_ATTEMPT, refused: [3] }));
    expect(second).toEqual({ attempt: 2, rateFactor: 0.25, refused: [] });
  });
});
