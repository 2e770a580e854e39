import { LapyraError } from './error.js';
import type { FitSignature, ImageTerms } from './fit-signature.js';

/**
 * Refuses levels that do not fit each other, before anything runs: the first expects nothing from below, and each of the
 * others exactly what the one below it gives (size, channels, normalisation, range, transform, condition), by hash.
 *
 * @param signatures from coarse to fine
 * @param images the terms of the pyramid's own images at the finest size, which the last level must give
 * @throws {LapyraError} `LAPYRA_FIT_MISMATCH` naming every difference
 */
export function checkFit(signatures: readonly FitSignature[], images?: ImageTerms): void {
  const misfits: string[] = [];
  for (const [index, upper] of signatures.entries()) {
    const lower = signatures[index - 1];
    if (!lower) {
      if (upper.expects)
        misfits.push(
          `level ${upper.level}: expected a first level, got one above ${upper.expects.size}.`,
        );
    } else if (!upper.expects) {
      misfits.push(
        `level ${upper.level}: expected a level above ${lower.gives.size}, got one that starts a pyramid.`,
      );
    } else if (upper.expectsHash !== lower.givesHash) {
      misfits.push(
        `level ${upper.level} on level ${lower.level}: ${difference(lower.gives, upper.expects) || 'expected a signature of the same version, got another'}.`,
      );
    }
  }
  const last = signatures.at(-1);
  if (images && last) {
    const found = difference(last.gives, images);
    if (found !== '') misfits.push(`level ${last.level} in this pyramid: ${found}.`);
  }
  if (misfits.length > 0) {
    throw new LapyraError('LAPYRA_FIT_MISMATCH', misfits.join('\n'), {
      hint: 'A level fits if it was made for the size below it, with the same channels, whitening, transform and condition.',
    });
  }
}

const LABELS: Readonly<Record<keyof ImageTerms, string>> = {
  size: 'size',
  channels: 'channels',
  normalisation: 'normalisation',
  gain: 'range',
  transform: 'transform',
  condition: 'condition',
};

function difference(given: ImageTerms, expected: ImageTerms): string {
  const keys = Object.keys(LABELS) as (keyof ImageTerms)[];
  return keys
    .filter((key) => given[key] !== expected[key])
    .map((key) => `expected ${LABELS[key]} ${expected[key]}, got ${given[key]}`)
    .join('; ');
}
