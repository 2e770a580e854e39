import { loadSharp } from './load-sharp.js';
import { assertPicture, type Picture } from './picture.js';

export interface PngOptions {
  /**
   * Keep so many colours at most, 2…256, each pixel the nearest of them: a third of the bytes, good enough to look at.
   * Default: the picture's own.
   */
  readonly colours?: number;
}

/**
 * The bytes of a PNG file, 8 bits per channel, without metadata: the same picture gives the same bytes.
 *
 * @throws {LapyraError} `LAPYRA_IMAGE_SHAPE` for a picture that is none
 */
export async function encodePng(
  picture: Picture,
  { colours }: PngOptions = {},
): Promise<Uint8Array> {
  assertPicture('encodePng', picture);
  const [height, width] = picture.size;
  const sharp = await loadSharp();
  const input = sharp(picture.pixels, {
    raw: { height, width, channels: picture.channels },
    limitInputPixels: false,
  });
  const whole = picture.channels === 1 ? input.toColourspace('b-w') : input;
  return await whole
    .png(
      colours === undefined
        ? { compressionLevel: 6, palette: false }
        : { compressionLevel: 9, palette: true, colours, dither: 0, effort: 10 },
    )
    .toBuffer();
}
