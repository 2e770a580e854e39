import { LapyraError } from '@lapyra/core';

/** The error for fetched data that are not the published ones. */
export function checksumError(
  title: string,
  subject: string,
  expected: string,
  got: string,
): LapyraError {
  return new LapyraError(
    'LAPYRA_DATASET_CHECKSUM',
    `${title}: ${subject}: expected ${expected}, got ${got}.`,
    {
      hint: 'What was fetched was damaged or replaced on its way, and has been removed. Try again, or choose another source.',
    },
  );
}
