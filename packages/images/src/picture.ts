import { LapyraError, type Size } from '@lapyra/core';

/** Grey, RGB, or RGB with alpha. */
export type Channels = 1 | 3 | 4;

/** One picture in memory: uint8 [H, W, C] row-major, 0…255; alpha is not premultiplied. */
export interface Picture {
  readonly size: Size;
  readonly channels: Channels;
  readonly pixels: Uint8Array;
}

/**
 * Refuse a picture whose parts do not belong together.
 *
 * @param subject for the message: the function that was handed the picture
 * @throws {LapyraError} `LAPYRA_IMAGE_SHAPE` unless sides are whole and at least 1, channels are 1, 3 or 4, and there
 * are H·W·C bytes
 */
export function assertPicture(subject: string, picture: Picture): void {
  const [height, width] = picture.size;
  const { channels, pixels } = picture;
  const sides = [height, width].every((side) => Number.isInteger(side) && side >= 1);
  const expected = height * width * channels;
  if (sides && [1, 3, 4].includes(channels) && pixels.length === expected) return;
  throw new LapyraError(
    'LAPYRA_IMAGE_SHAPE',
    `${subject}: expected [H, W, C] with C of 1, 3 or 4 and as many bytes, got [${height}, ${width}, ${channels}] with ${pixels.length} bytes.`,
  );
}
