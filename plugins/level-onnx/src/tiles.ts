import type { Size } from '@lapyra/core';

/** Tiles of one size that cover an image. */
export interface Tiles {
  /** [height, width] */
  readonly tile: Size;
  /** First rows and columns, ascending; the last tile ends where the image does. */
  readonly rows: readonly number[];
  readonly columns: readonly number[];
}

/**
 * Tiles that cover an image.
 *
 * @param tile of which the image may be smaller: then there is one tile, which reaches beyond it
 * @param overlap at least; where a tile has no more pixels along an axis, it is all but one of them
 */
export function tilesOf(size: Size, tile: Size, overlap: number): Tiles {
  return {
    tile,
    rows: starts(size[0], tile[0], overlap),
    columns: starts(size[1], tile[1], overlap),
  };
}

function starts(length: number, tile: number, overlap: number): number[] {
  const last = Math.max(0, length - tile);
  const step = Math.max(1, tile - overlap);
  const all: number[] = [];
  for (let start = 0; start < last; start += step) all.push(start);
  return [...all, last];
}

/**
 * How much each pixel of each tile counts along one axis, enlarged by `ratio`, [tiles, tile · ratio]: a slope over what
 * overlaps with a neighbour, 1 elsewhere, divided so that the shares of each pixel add up to 1.
 */
export function axisShares(
  first: readonly number[],
  tile: number,
  length: number,
  ratio: number,
): Float64Array {
  const side = tile * ratio;
  const slopes = first.map((start, index) => {
    const before = index === 0 ? 0 : (first[index - 1]! + tile - start) * ratio;
    const after = index === first.length - 1 ? 0 : (start + tile - first[index + 1]!) * ratio;
    return Array.from({ length: side }, (_, i) =>
      Math.min(1, (i + 0.5) / before, (side - i - 0.5) / after),
    );
  });
  const sums = new Float64Array(length * ratio);
  first.forEach((start, index) =>
    slopes[index]!.forEach((slope, i) => {
      if (start * ratio + i < sums.length) sums[start * ratio + i]! += slope;
    }),
  );
  return Float64Array.from(
    first.flatMap((start, index) =>
      slopes[index]!.map((slope, i) =>
        start * ratio + i < sums.length ? slope / sums[start * ratio + i]! : 0,
      ),
    ),
  );
}
