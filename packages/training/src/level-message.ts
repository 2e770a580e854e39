// What parent and child say to each other, as JSON over the channel between them.
import type { Json } from '@lapyra/core';
import type { LevelEvent, LevelOutcome } from './level-event.js';

export type ToChild =
  | {
      readonly kind: 'start';
      readonly level: string;
      readonly threads: number;
      readonly payload: Json;
    }
  /** Stop after the step at hand, with a checkpoint. */
  | { readonly kind: 'stop' };

export type ToParent =
  | { readonly kind: 'event'; readonly event: LevelEvent }
  | { readonly kind: 'outcome'; readonly outcome: LevelOutcome }
  | { readonly kind: 'failed'; readonly error: LevelFailure };

/** An error as it crosses from the level's process. */
export interface LevelFailure {
  /** Of a LapyraError. */
  readonly code?: string;
  readonly message: string;
  readonly hint?: string;
  readonly stack?: string;
}
