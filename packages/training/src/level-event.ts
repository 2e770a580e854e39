import type { ScoreId } from '@lapyra/core';
import type { ScoreRecord } from './score-record.js';

/** What a level is busy with. */
export type LevelPhase =
  'opening' | 'drawing' | 'compiling' | 'comparing' | 'training' | 'scoring' | 'saving';

/** What a level's training tells while it runs. Plain data: it crosses from the level's process to the parent. */
export type LevelEvent =
  | { readonly kind: 'phase'; readonly phase: LevelPhase }
  /** About four times a second. */
  | {
      readonly kind: 'progress';
      /** Steps done, of those to be done. */
      readonly step: number;
      readonly steps: number;
      /** Steps per second; 0 until it is known. */
      readonly rate: number;
      /** Seconds left; `null` until it is known. */
      readonly secondsLeft: number | null;
      /** The last step's recorded scalars; `null` for one that is not finite. */
      readonly losses: Readonly<Record<string, number | null>>;
      /** Of the work of a {@link HostTraining}: what it says. */
      readonly note?: string;
    }
  | {
      readonly kind: 'score';
      readonly step: number;
      readonly id: ScoreId;
      readonly value: number;
      /** Whether it is the best so far. */
      readonly best: boolean;
      readonly baselines: Baselines;
    }
  | { readonly kind: 'checkpoint'; readonly step: number }
  /** A line worth showing. */
  | { readonly kind: 'notice'; readonly text: string }
  /** Diverged: back to an earlier step with half the rate. */
  | {
      readonly kind: 'retry';
      readonly attempt: number;
      readonly attempts: number;
      readonly from: number;
      readonly to: number;
      readonly rateFactor: number;
    }
  | { readonly kind: 'done'; readonly outcome: LevelOutcome };

/** What a level's scores are compared with, measured in the same way on the same images. */
export interface Baselines {
  readonly id: ScoreId;
  /** How scores are measured: images, patches, projections, seed. */
  readonly protocol: string;
  /** The level before its first step; `null` if it has none. */
  readonly untrained: number | null;
  /** No band at all, u(coarse); `null` for a first level. */
  readonly upsampled: number | null;
  /** Real images against other real ones, disjoint from them. */
  readonly real: number;
  /** How many in each of the two sets. */
  readonly realImages: number;
  readonly nearest: NearestScores | null;
}

/** The authors' distance: to the nearest of k images drawn from the true coarse image. */
export interface NearestScores {
  readonly protocol: string;
  readonly untrained: number | null;
  readonly upsampled: number;
  /** Of the checkpoint with the best score, when training was done; `null` before. */
  readonly trained: number | null;
  /** The step of that checkpoint; `null` before. */
  readonly step: number | null;
}

export type LevelOutcome =
  | {
      /** `stopped`: by the signal, before the last step; running again goes on. */
      readonly status: 'done' | 'stopped';
      readonly step: number;
      readonly best: ScoreRecord | null;
    }
  | { readonly status: 'diverged'; readonly step: number; readonly report: DivergenceReport };

/** Why a level was given up. */
export interface DivergenceReport {
  /** The step at which it was given up. */
  readonly step: number;
  /** The steps refused shortly before, in the last attempt. */
  readonly refused: readonly number[];
  /** How often it went back, and the factor on its rates in the last attempt. */
  readonly attempts: number;
  readonly rateFactor: number;
  /** The last step's recorded scalars; `null` for one that is not finite. */
  readonly losses: Readonly<Record<string, number | null>>;
  /** The step of the checkpoint that is still good; 0 for none. */
  readonly goodStep: number;
}
