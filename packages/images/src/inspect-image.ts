import { readFile } from 'node:fs/promises';
import { LapyraError, type Size } from '@lapyra/core';
import { loadSharp } from './load-sharp.js';
import { type ImageFormat, imageFormat, isReadable } from './image-format.js';
import type { Channels } from './picture.js';

/** Where a picture comes from: the bytes of a file, or its path. */
export type ImageSource = Uint8Array | string;

export interface InspectOptions {
  /** How messages call the picture. Default: its path, or `image`. */
  readonly name?: string;
  /** Larger pictures (H·W) are refused before they are decoded. @default 67108864, that is 8192 × 8192 */
  readonly maxPixels?: number;
}

/** What the header of a picture says. */
export interface ImageHeader {
  readonly format: ImageFormat;
  /** As shown: the EXIF orientation is taken into account. */
  readonly size: Size;
  /** As stored, grey with alpha counted as 4. */
  readonly channels: Channels;
}

/** What {@link inspectImage} found, with the bytes it read. */
export interface InspectedImage extends ImageHeader {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const MAX_PIXELS = 2 ** 26;

/**
 * Read the header of a PNG, JPEG or WebP picture, told by its content, without decoding it.
 *
 * @throws {LapyraError} `LAPYRA_IMAGE_READ` if the file cannot be read; `LAPYRA_IMAGE_FORMAT` if it is something else;
 * `LAPYRA_IMAGE_CORRUPT` if the header is broken; `LAPYRA_IMAGE_TOO_LARGE` above `maxPixels`
 */
export async function inspectImage(
  source: ImageSource,
  options: InspectOptions = {},
): Promise<ImageHeader> {
  const { format, size, channels } = await openImage(source, options);
  return { format, size, channels };
}

/** {@link inspectImage}, for functions that need the bytes as well. */
export async function openImage(
  source: ImageSource,
  options: InspectOptions,
): Promise<InspectedImage> {
  const name = options.name ?? (typeof source === 'string' ? source : 'image');
  const bytes = typeof source === 'string' ? await readBytes(source, name) : source;
  const format = imageFormat(bytes);
  if (!isReadable(format)) {
    throw new LapyraError(
      'LAPYRA_IMAGE_FORMAT',
      `${name}: expected a PNG, JPEG or WebP picture, got ${format ? format.toUpperCase() : describe(bytes)}.`,
      { hint: 'Pictures are told by their content, not by the ending of their name.' },
    );
  }
  const header = await readHeader(bytes, name);
  const limit = options.maxPixels ?? MAX_PIXELS;
  if (header.size[0] * header.size[1] > limit) {
    throw new LapyraError(
      'LAPYRA_IMAGE_TOO_LARGE',
      `${name}: expected at most ${limit} pixels, got ${header.size[0]} × ${header.size[1]} (height × width).`,
      { hint: 'Raise maxPixels if the picture is meant to be this large and memory allows.' },
    );
  }
  return { name, bytes, format, ...header };
}

/** The error for bytes that a decoder gave up on. */
export function corruptImage(name: string, cause: unknown): LapyraError {
  // The first line of libvips's message names the loader and the fault; the rest repeats it.
  const reason = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]?.trim();
  return new LapyraError(
    'LAPYRA_IMAGE_CORRUPT',
    `${name}: expected a whole picture, got a corrupt or truncated one (${reason}).`,
    { cause },
  );
}

async function readHeader(
  bytes: Uint8Array,
  name: string,
): Promise<Pick<ImageHeader, 'size' | 'channels'>> {
  const sharp = await loadSharp();
  try {
    const { autoOrient, channels, hasAlpha } = await sharp(bytes, {
      limitInputPixels: false,
    }).metadata();
    const colours = channels <= 2 ? 1 : 3;
    return { size: [autoOrient.height, autoOrient.width], channels: hasAlpha ? 4 : colours };
  } catch (cause) {
    throw corruptImage(name, cause);
  }
}

async function readBytes(file: string, name: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new LapyraError(
      'LAPYRA_IMAGE_READ',
      `${name}: expected a readable file, got ${reason}.`,
      { cause },
    );
  }
}

function describe(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'an empty file';
  const start = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0'));
  return `a file that starts with ${start.join(' ')}`;
}
