import { LapyraError } from '@lapyra/core';

/** A picture as it is listed, before anybody has looked into the file. */
export interface CaptionedPicture {
  /** Relative to the folder, parts joined by `/`. */
  readonly path: string;
  /** `null`: it has none, and neither have the others. */
  readonly texts: readonly string[] | null;
  /** Name of its class; `null`: there are no classes. */
  readonly label: string | null;
  /** `null`: as the options say. */
  readonly split: 'train' | 'test' | null;
  /** Rows of the vector file; `null`: by place or by name. */
  readonly rows: readonly number[] | null;
}

export function captionsError(subject: string, expected: string, got: string): LapyraError {
  return new LapyraError(
    'LAPYRA_DATASET_CAPTIONS',
    `captions: ${subject}: expected ${expected}, got ${got}.`,
  );
}
