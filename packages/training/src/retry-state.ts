// A step with numbers that are not finite leaves the state as it was. When such refused steps pile up, training has
// diverged: it goes back to the last good checkpoint with half the rate, a set number of times.

/** What is known about refused steps and going back; part of each checkpoint. */
export interface RetryState {
  /** How often training went back so far. */
  readonly attempt: number;
  /** Factor on every scheduled scalar that is a learning rate: ½ to the power of `attempt`. */
  readonly rateFactor: number;
  /** The refused ones among the last {@link REFUSAL_WINDOW} steps. */
  readonly refused: readonly number[];
}

/** Steps over which refusals are counted. */
const REFUSAL_WINDOW = 100;

/** This many refused steps within the window mean that training has diverged. */
const REFUSAL_LIMIT = 10;

export const FIRST_ATTEMPT: RetryState = { attempt: 0, rateFactor: 1, refused: [] };

/** The state after `step` (1 for the first) was done or refused. */
export function countRefusal(state: RetryState, step: number, refused: boolean): RetryState {
  const recent = state.refused.filter((other) => other > step - REFUSAL_WINDOW);
  if (!refused && recent.length === state.refused.length) return state;
  return { ...state, refused: refused ? [...recent, step] : recent };
}

export function hasDiverged(state: RetryState): boolean {
  return state.refused.length >= REFUSAL_LIMIT;
}

/** A checkpoint worth going back to has no refused step shortly before it. */
export function isCalm(state: RetryState): boolean {
  return state.refused.length === 0;
}

/** The next attempt, from a checkpoint that was calm: half the rate of the attempt that failed. */
export function nextAttempt(failed: RetryState): RetryState {
  return { attempt: failed.attempt + 1, rateFactor: failed.rateFactor / 2, refused: [] };
}
