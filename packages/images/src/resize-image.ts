import { loadSharp } from './load-sharp.js';
import type { Colour } from './convert-channels.js';
import { fromRaw } from './decode-image.js';
import { addResize, type FitOptions, pad } from './fit.js';
import { assertPicture, type Picture } from './picture.js';

export interface ResizeOptions extends FitOptions {
  /** What stands around a picture that `contain` pads; RGBA is padded with nothing. @default white */
  readonly background?: Colour;
}

/**
 * Bring a picture to another size, Lanczos (three lobes) when it shrinks and bicubic when it grows; colours are
 * weighted by alpha.
 *
 * @throws {LapyraError} `LAPYRA_IMAGE_SHAPE` for a picture that is none; `LAPYRA_SIZE_INVALID` for such a size
 */
export async function resizeImage(picture: Picture, options: ResizeOptions): Promise<Picture> {
  assertPicture('resizeImage', picture);
  const [height, width] = picture.size;
  const sharp = await loadSharp();
  const input = sharp(picture.pixels, {
    raw: { height, width, channels: picture.channels },
    limitInputPixels: false,
  });
  const colours = picture.channels === 1 ? input.toColourspace('b-w') : input;
  const { data, info } = await addResize(colours, options)
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return pad(fromRaw(data, info.height, info.width, info.channels), options, options.background);
}
