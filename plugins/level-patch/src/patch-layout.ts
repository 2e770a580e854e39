import type { Size } from '@lapyra/core';

/** Where the patches of an image lie, and how they are blended. */
export interface PatchLayout {
  /** Side of a patch. */
  readonly patch: number;
  /** First rows and first columns of patches, ascending; the last patch ends where the image does. */
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  /**
   * The weight of each pixel of each patch, [rows, columns, patch, patch]: largest in the middle of a patch; those of all
   * patches that cover a pixel add up to 1.
   */
  readonly weights: Float32Array;
}

/** @param size at least `patch` along both axes */
export function patchLayout([height, width]: Size, patch: number, step: number): PatchLayout {
  const rows = starts(height, patch, step);
  const columns = starts(width, patch, step);
  const down = axisShares(rows, height, patch);
  const across = axisShares(columns, width, patch);
  const weights = new Float32Array(rows.length * columns.length * patch * patch);
  let at = 0;
  for (let row = 0; row < rows.length; row += 1)
    for (let column = 0; column < columns.length; column += 1)
      for (let y = 0; y < patch; y += 1)
        for (let x = 0; x < patch; x += 1)
          weights[at++] =
            (down[row * patch + y] as number) * (across[column * patch + x] as number);
  return { patch, rows, columns, weights };
}

function starts(length: number, patch: number, step: number): number[] {
  const last = length - patch;
  const all: number[] = [];
  for (let start = 0; start < last; start += step) all.push(start);
  return [...all, last];
}

/** Along one axis: a hat over each patch, divided by the sum of all hats over the pixel, [patches, patch]. */
function axisShares(first: readonly number[], length: number, patch: number): Float64Array {
  const hat = Array.from({ length: patch }, (_, i) => Math.min(i + 1, patch - i));
  const sums = new Float64Array(length);
  for (const start of first) hat.forEach((value, i) => (sums[start + i]! += value));
  return Float64Array.from(
    first.flatMap((start) => hat.map((value, i) => value / (sums[start + i] as number))),
  );
}
