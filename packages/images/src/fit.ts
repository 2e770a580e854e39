import { LapyraError, type Size, sizeName, toSize } from '@lapyra/core';
import type { Sharp } from 'sharp';
import { type Colour, luma, WHITE } from './convert-channels.js';
import type { Channels, Picture } from './picture.js';

/**
 * How a picture of one aspect becomes one of another: `cover` fills the size and cuts off what sticks out, `contain`
 * shows the whole picture and pads, `stretch` distorts.
 */
export type Fit = 'cover' | 'contain' | 'stretch';

/** Which part `cover` keeps, and where `contain` puts the picture. */
export type Anchor = 'center' | 'top' | 'bottom' | 'left' | 'right';

export interface FitOptions {
  readonly size: Size;
  /** @default 'cover' */
  readonly fit?: Fit;
  /** @default 'center' */
  readonly anchor?: Anchor;
}

/** Sides beyond this are mistakes, not pictures. */
const LONGEST_SIDE = 32_768;

/** The resizing of `options` added to a sharp pipeline; `contain` still has to be padded with {@link pad}. */
export function addResize(pipeline: Sharp, options: FitOptions): Sharp {
  const [height, width] = toSize(options.size);
  if (Math.max(height, width) > LONGEST_SIDE) {
    throw new LapyraError(
      'LAPYRA_SIZE_INVALID',
      `resize: expected sides of at most ${LONGEST_SIDE} pixels, got ${sizeName([height, width])}.`,
    );
  }
  const fit = { cover: 'cover', contain: 'inside', stretch: 'fill' } as const;
  return pipeline.resize({
    width,
    height,
    fit: fit[options.fit ?? 'cover'],
    position: options.anchor ?? 'center',
    kernel: 'lanczos3',
  });
}

/** `picture` placed in `size`; around it the background, or nothing (transparent) where there is alpha. */
export function pad(picture: Picture, options: FitOptions, background: Colour = WHITE): Picture {
  const [height, width] = options.size;
  const [h, w] = picture.size;
  if (h === height && w === width) return picture;
  const { channels } = picture;
  const pixels = filled(height * width, channels, background);
  const top = offset(height - h, options.anchor, 'top', 'bottom');
  const left = offset(width - w, options.anchor, 'left', 'right');
  for (let y = 0; y < h; y++) {
    const row = picture.pixels.subarray(y * w * channels, (y + 1) * w * channels);
    pixels.set(row, ((top + y) * width + left) * channels);
  }
  return { size: [height, width], channels, pixels };
}

function offset(room: number, anchor: Anchor = 'center', start: Anchor, end: Anchor): number {
  if (anchor === start) return 0;
  return anchor === end ? room : Math.floor(room / 2);
}

function filled(count: number, channels: Channels, [red, green, blue]: Colour): Uint8Array {
  const pixels = new Uint8Array(count * channels);
  if (channels === 4) return pixels;
  const pixel = channels === 1 ? [luma(red, green, blue)] : [red, green, blue];
  for (let i = 0; i < pixels.length; i++) pixels[i] = pixel[i % channels] ?? 0;
  return pixels;
}
