import { LapyraError, type Size, sizeName } from '@lapyra/core';

/** The way from the smallest planes to the image. */
export interface Doublings {
  /** Height and width of the smallest planes, each from 4 to 7. */
  readonly start: Size;
  /** How often they are doubled. */
  readonly count: number;
}

/**
 * How a size comes from small planes by doubling: 4 → 8 → 16 → 32 is three times from 4, 7 → 14 → 28 twice from 7.
 *
 * @throws {LapyraError} `LAPYRA_LEVEL_PLACE` for sizes that do not
 */
export function doublings(size: Size, subject: string): Doublings {
  let [height, width] = size;
  let count = 0;
  while (height % 2 === 0 && width % 2 === 0 && height >= 8 && width >= 8) {
    [height, width] = [height / 2, width / 2];
    count++;
  }
  if ([height, width].every((side) => side >= 4 && side <= 7))
    return { start: [height, width], count };
  throw new LapyraError(
    'LAPYRA_LEVEL_PLACE',
    `${subject} at ${sizeName(size)}: expected sides that come from 4, 5, 6 or 7 by as many doublings, got ${sizeName([height, width])} after ${count}.`,
    { hint: 'Such as 4, 8, 14, 16, 20, 24, 28, 32, 48, 56, 64 or 96; or 16x20.' },
  );
}
