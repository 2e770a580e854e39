import { loadSharp } from './load-sharp.js';
import { type Colour, convertChannels, WHITE } from './convert-channels.js';
import { addResize, type FitOptions, pad } from './fit.js';
import {
  corruptImage,
  type ImageSource,
  type InspectedImage,
  type InspectOptions,
  openImage,
} from './inspect-image.js';
import type { Channels, Picture } from './picture.js';

export interface DecodeOptions extends InspectOptions {
  /** Convert to this many channels, see {@link convertChannels}. Default: as stored; grey with alpha becomes RGBA. */
  readonly channels?: Channels;
  /** What shows through alpha that is dropped, and around a picture that `contain` pads. @default white */
  readonly background?: Colour;
  /** Resize while decoding: for JPEG much cheaper than afterwards. */
  readonly resize?: FitOptions;
}

/**
 * Decode a PNG, JPEG or WebP picture, told by its content, to 8 bits per channel in sRGB, turned as its EXIF
 * orientation says. The first frame of an animation counts.
 *
 * @throws {LapyraError} `LAPYRA_IMAGE_READ`, `LAPYRA_IMAGE_FORMAT` or `LAPYRA_IMAGE_TOO_LARGE` before decoding, see
 * {@link inspectImage}; `LAPYRA_IMAGE_CORRUPT` for a broken or truncated picture
 */
export async function decodeImage(
  source: ImageSource,
  options: DecodeOptions = {},
): Promise<Picture> {
  const { background = WHITE, resize } = options;
  const opened = await openImage(source, options);
  const decoded = await decode(opened, resize);
  const picture = convertChannels(decoded, options.channels ?? decoded.channels, background);
  return resize ? pad(picture, resize, background) : picture;
}

async function decode(opened: InspectedImage, resize: FitOptions | undefined): Promise<Picture> {
  // 'error' refuses truncated files but not the harmless oddities that cameras write.
  const sharp = await loadSharp();
  const input = sharp(opened.bytes, { failOn: 'error', limitInputPixels: false, autoOrient: true });
  const oriented = opened.channels === 1 ? input.toColourspace('b-w') : input.toColourspace('srgb');
  const pipeline = resize ? addResize(oriented, resize) : oriented;
  try {
    const { data, info } = await pipeline
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return fromRaw(data, info.height, info.width, info.channels);
  } catch (cause) {
    throw corruptImage(opened.name, cause);
  }
}

/** sharp's raw pixels, 1 to 4 channels, as a picture; two channels are grey and alpha. */
export function fromRaw(data: Uint8Array, height: number, width: number, bands: number): Picture {
  const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (bands !== 2) return { size: [height, width], channels: bands as Channels, pixels };
  const rgba = new Uint8Array(height * width * 4);
  for (let i = 0; i < height * width; i++) {
    rgba.fill(pixels[i * 2] ?? 0, i * 4, i * 4 + 3);
    rgba[i * 4 + 3] = pixels[i * 2 + 1] ?? 0;
  }
  return { size: [height, width], channels: 4, pixels: rgba };
}
