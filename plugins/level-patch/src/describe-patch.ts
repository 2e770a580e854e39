import type { Size } from '@lapyra/core';

/** Images [n, H, W, C] row by row, of which patches are taken. */
export interface PatchSource {
  readonly data: ArrayLike<number>;
  readonly size: Size;
  readonly channels: number;
}

/** What of an image is looked at to describe a patch, and how. */
export interface PatchWindow {
  readonly patch: number;
  /** Pixels around it; beyond the border the border's pixels are repeated. */
  readonly context: number;
  /** See {@link describePatch}. */
  readonly contrast: number | null;
}

/** The numbers that describe a patch. */
export function descriptorLength({ patch, context }: PatchWindow, channels: number): number {
  return (patch + 2 * context) ** 2 * channels;
}

/**
 * Describe a patch of an enlarged image by its pixels and those around it, less their mean in each channel, since detail
 * does not depend on brightness, and divided by their contrast c = √(mean square + contrast²): a faint edge has the detail of a
 * strong one, only fainter. With `contrast` null c is 1.
 *
 * W. T. Freeman, T. R. Jones, E. C. Pasztor: "Example-based super-resolution", IEEE Computer Graphics and Applications 22
 * (2002), 56–65, doi:10.1109/38.988747, normalise by contrast likewise.
 *
 * @param image which of the images
 * @param top first row of the patch
 * @param left first column
 * @param into takes the description [side, side, C]
 * @returns c
 */
export function describePatch(
  { data, size: [height, width], channels }: PatchSource,
  { patch, context, contrast }: PatchWindow,
  image: number,
  top: number,
  left: number,
  into: Float32Array,
): number {
  const side = patch + 2 * context;
  const means = new Float64Array(channels);
  let at = 0;
  for (let y = 0; y < side; y += 1) {
    const row = clamp(top - context + y, height);
    for (let x = 0; x < side; x += 1) {
      const column = clamp(left - context + x, width);
      const pixel = ((image * height + row) * width + column) * channels;
      for (let c = 0; c < channels; c += 1) {
        const value = data[pixel + c] as number;
        into[at++] = value;
        means[c]! += value;
      }
    }
  }
  for (let c = 0; c < channels; c += 1) means[c]! /= side * side;
  let squares = 0;
  for (let i = 0; i < at; i += 1) {
    const centred = (into[i] as number) - (means[i % channels] as number);
    into[i] = centred;
    squares += centred * centred;
  }
  if (contrast === null) return 1;
  const amount = Math.sqrt(squares / at + contrast * contrast);
  for (let i = 0; i < at; i += 1) into[i]! /= amount;
  return amount;
}

function clamp(index: number, length: number): number {
  return index < 0 ? 0 : index >= length ? length - 1 : index;
}
