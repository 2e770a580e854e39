import { LapyraError } from './error.js';

/** Height and width in pixels. */
export type Size = readonly [height: number, width: number];

/** A size as people write it: `28` means 28×28. */
export type SizeLike = number | Size;

/**
 * The size that `value` means.
 *
 * @throws {LapyraError} `LAPYRA_SIZE_INVALID` unless both sides are whole numbers of at least 1
 */
export function toSize(value: SizeLike): Size {
  const size: Size = typeof value === 'number' ? [value, value] : value;
  if (size.length !== 2 || !size.every((side) => Number.isInteger(side) && side >= 1)) {
    throw new LapyraError(
      'LAPYRA_SIZE_INVALID',
      `size: expected a whole number of pixels or [height, width], got ${JSON.stringify(value)}.`,
    );
  }
  return size;
}

/** The name of a size, by which levels are called everywhere: `14`, or `14x20` (height × width). */
export function sizeName([height, width]: Size): string {
  return height === width ? String(height) : `${height}x${width}`;
}

/**
 * The size that a name stands for: the inverse of {@link sizeName}.
 *
 * @throws {LapyraError} `LAPYRA_SIZE_INVALID` if `name` is neither `N` nor `HxW`
 */
export function parseSizeName(name: string): Size {
  const match = /^([1-9]\d*)(?:x([1-9]\d*))?$/.exec(name);
  if (!match) {
    throw new LapyraError(
      'LAPYRA_SIZE_INVALID',
      `size: expected a name such as 14 or 14x20, got '${name}'.`,
    );
  }
  return [Number(match[1]), Number(match[2] ?? match[1])];
}

export function sameSize(a: Size, b: Size): boolean {
  return a[0] === b[0] && a[1] === b[1];
}
