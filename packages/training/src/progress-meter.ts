/** Tells how fast a level trains, and limits how often that is said. */
export interface ProgressMeter {
  /** Note that another step is done. */
  tick(): void;
  /** Do not count the time until the next tick: something else than steps was done. */
  pause(): void;
  /** Whether something may be said again; the first time at once. */
  isDue(): boolean;
  /** Steps per second over the last ticks; 0 until two steps were timed. */
  rate(): number;
}

/**
 * @param now milliseconds
 * @param every least milliseconds between two that are due
 */
export function createProgressMeter(
  now: () => number = () => performance.now(),
  every = 250,
): ProgressMeter {
  let said = Number.NEGATIVE_INFINITY;
  let last: number | null = null;
  // Means over about the last 20 steps: quick enough to follow, slow enough to read.
  const KEEP = 0.95;
  let weight = 0;
  let mean = 0;
  return {
    tick: () => {
      const time = now();
      if (last !== null) {
        mean = KEEP * mean + (1 - KEEP) * (time - last);
        weight = KEEP * weight + (1 - KEEP);
      }
      last = time;
    },
    pause: () => {
      last = null;
    },
    isDue: () => {
      if (now() - said < every) return false;
      said = now();
      return true;
    },
    rate: () => (mean > 0 ? (1000 * weight) / mean : 0),
  };
}
