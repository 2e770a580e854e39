import type { Channels, Picture } from './picture.js';

/** A colour [R, G, B], 0…255. */
export type Colour = readonly [red: number, green: number, blue: number];

export const WHITE: Colour = [255, 255, 255];

/**
 * The same picture with another number of channels.
 *
 * Alpha is composited on `background` when it goes (c = (a·c + (255 − a)·background) ÷ 255, on the stored values) and
 * is 255 where it comes; grey is Rec. 601 luma, 0.299 R + 0.587 G + 0.114 B; colour from grey is three equal channels.
 * All rounded half up.
 */
export function convertChannels(
  picture: Picture,
  channels: Channels,
  background: Colour = WHITE,
): Picture {
  if (picture.channels === channels) return picture;
  const opaque = picture.channels === 4 ? flatten(picture.pixels, background) : picture.pixels;
  const from = picture.channels === 1 ? 1 : 3;
  const count = picture.size[0] * picture.size[1];
  const pixels = new Uint8Array(count * channels);
  for (let i = 0; i < count; i++) {
    const red = opaque[i * from] ?? 0;
    const green = from === 1 ? red : (opaque[i * from + 1] ?? 0);
    const blue = from === 1 ? red : (opaque[i * from + 2] ?? 0);
    if (channels === 1) {
      pixels[i] = luma(red, green, blue);
    } else {
      pixels[i * channels] = red;
      pixels[i * channels + 1] = green;
      pixels[i * channels + 2] = blue;
      if (channels === 4) pixels[i * 4 + 3] = 255;
    }
  }
  return { size: picture.size, channels, pixels };
}

/** Rec. 601 luma in thousandths, so that the rounding is exact. */
export function luma(red: number, green: number, blue: number): number {
  return Math.floor((299 * red + 587 * green + 114 * blue + 500) / 1000);
}

/** [n, 4] → [n, 3]. */
function flatten(rgba: Uint8Array, background: Colour): Uint8Array {
  const count = rgba.length / 4;
  const rgb = new Uint8Array(count * 3);
  for (let i = 0; i < count; i++) {
    const alpha = rgba[i * 4 + 3] ?? 0;
    for (let c = 0; c < 3; c++) {
      const blended = alpha * (rgba[i * 4 + c] ?? 0) + (255 - alpha) * (background[c] ?? 0);
      rgb[i * 3 + c] = Math.floor((2 * blended + 255) / 510);
    }
  }
  return rgb;
}
