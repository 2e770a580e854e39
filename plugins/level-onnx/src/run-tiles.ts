import type { Size, WorkContext } from '@lapyra/core';
import { axisShares, type Tiles } from './tiles.js';

/** Planes [H, W, C] of one image in memory. */
export interface Planes {
  readonly data: Float32Array;
  readonly size: Size;
  readonly channels: number;
}

/** Enlarges tiles [n, h, w, C] to [n, h · ratio, w · ratio, C]. */
export type RunTiles = (tiles: Float32Array, count: number) => Promise<Float32Array>;

/**
 * Enlarge an image tile by tile; where tiles overlap they are blended. Beyond the border its pixels are repeated.
 *
 * @param most tiles that may be given at once
 */
export async function enlargeByTiles(
  { data, size: [height, width], channels }: Planes,
  { tile: [th, tw], rows, columns }: Tiles,
  ratio: number,
  most: number,
  run: RunTiles,
  work?: WorkContext,
): Promise<Float32Array> {
  const down = axisShares(rows, th, height, ratio);
  const across = axisShares(columns, tw, width, ratio);
  const result = new Float32Array(height * width * ratio * ratio * channels);
  const wide = width * ratio;
  const places = rows.flatMap((top, row) =>
    columns.map((left, column) => ({ top, left, row, column })),
  );
  const [sh, sw] = [th * ratio, tw * ratio];
  for (let first = 0; first < places.length; first += most) {
    work?.signal.throwIfAborted();
    const some = places.slice(first, first + most);
    const given = new Float32Array(some.length * th * tw * channels);
    let at = 0;
    for (const { top, left } of some)
      for (let y = 0; y < th; y += 1)
        for (let x = 0; x < tw; x += 1) {
          const pixel = Math.min(top + y, height - 1) * width + Math.min(left + x, width - 1);
          for (let c = 0; c < channels; c += 1) given[at++] = data[pixel * channels + c]!;
        }
    const made = await run(given, some.length);
    some.forEach(({ top, left, row, column }, index) => {
      for (let y = 0; y < Math.min(sh, (height - top) * ratio); y += 1)
        for (let x = 0; x < Math.min(sw, (width - left) * ratio); x += 1) {
          const share = down[row * sh + y]! * across[column * sw + x]!;
          const from = ((index * sh + y) * sw + x) * channels;
          const to = ((top * ratio + y) * wide + left * ratio + x) * channels;
          for (let c = 0; c < channels; c += 1) result[to + c]! += share * made[from + c]!;
        }
    });
    work?.report({ done: first + some.length, total: places.length, note: 'tiles' });
  }
  return result;
}
