import type { ScoreId } from '@lapyra/core';

/** A score of a level at some step. */
export interface ScoreRecord {
  readonly step: number;
  readonly id: ScoreId;
  /** Lower is better. */
  readonly value: number;
}

/** The best of a level's scores; of equal ones the first. Scores that are not finite never win. */
export function bestScore(scores: readonly ScoreRecord[]): ScoreRecord | null {
  let best: ScoreRecord | null = null;
  for (const score of scores)
    if (Number.isFinite(score.value) && (best === null || score.value < best.value)) best = score;
  return best;
}
