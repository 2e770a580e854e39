import sharp from 'sharp';
import { assertPicture, type Picture } from './picture.js';

/**
 * The bytes of a PNG file, 8 bits per channel, without metadata: the same picture gives the same bytes.
 *
 * @throws {LapyraError} `LAPYRA_IMAGE_SHAPE` for a picture that is none
 */
export async function encodePng(picture: Picture): Promise<Uint8Array> {
  assertPicture('encodePng', picture);
  const [height, width] = picture.size;
  const input = sharp(picture.pixels, {
    raw: { height, width, channels: picture.channels },
    limitInputPixels: false,
  });
  const colours = picture.channels === 1 ? input.toColourspace('b-w') : input;
  return await colours.png({ compressionLevel: 6, palette: false }).toBuffer();
}
