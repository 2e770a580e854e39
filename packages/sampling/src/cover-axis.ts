/** Tiles along one axis. */
export interface AxisCover {
  readonly tiles: readonly {
    /** Where it begins in the image below, and in the enlarged one. */
    readonly from: number;
    readonly to: number;
    /** How much each of its enlarged pixels counts; those of all tiles over a pixel add up to 1. */
    readonly shares: Float64Array;
  }[];
}

/**
 * Cover an axis with tiles of `tile` pixels that become `made`: each begins where an enlarged pixel begins, and the last one ends
 * where the image does. Over an overlap shares rise from 0 to 1 along a straight line, in its middle half: the outer quarters,
 * where a tile knows least of what is around it, count for nothing.
 *
 * @param length a multiple of what `tile` and `made` require; less than `tile` gives one tile that reaches beyond
 * @param overlap at least, in pixels of the image below; default: half a tile
 */
export function coverAxis(
  length: number,
  tile: number,
  made: number,
  overlap: number = Math.floor(tile / 2),
): AxisCover {
  const unit = tile / divisor(tile, made); // only at multiples of it begin pixels of both
  const step = Math.max(unit, Math.floor((tile - overlap) / unit) * unit);
  const last = Math.max(0, length - tile);
  const starts: number[] = [];
  for (let start = 0; start < last; start += step) starts.push(start);
  starts.push(last);
  /** Where a pixel of the image below begins in the enlarged one: a whole number, which a quotient of floats need not give. */
  const enlarged = (at: number): number => (at * made) / tile;
  const slopes = starts.map((start, index) => {
    const before = index === 0 ? 0 : enlarged(starts[index - 1]! + tile - start);
    const after = index === starts.length - 1 ? 0 : enlarged(start + tile - starts[index + 1]!);
    return Float64Array.from({ length: made }, (_, i) =>
      Math.min(slope(i + 0.5, before), slope(made - i - 0.5, after)),
    );
  });
  const sums = new Float64Array(enlarged(Math.max(length, tile)));
  starts.forEach((start, index) =>
    slopes[index]!.forEach((value, i) => (sums[enlarged(start) + i]! += value)),
  );
  return {
    tiles: starts.map((from, index) => ({
      from,
      to: enlarged(from),
      shares: slopes[index]!.map((value, i) => value / sums[enlarged(from) + i]!),
    })),
  };
}

/** Never quite 0, so that there is always something to divide. */
function slope(at: number, overlap: number): number {
  if (overlap === 0) return 1;
  return Math.min(1, Math.max(1e-9, (at - overlap / 4) / (overlap / 2)));
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}
