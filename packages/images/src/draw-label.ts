// Words on sample grids, in a bitmap font of our own: no system font is needed, and the pixels are the same everywhere.
import type { Size } from '@lapyra/core';
import { GLYPHS } from './glyphs.js';
import type { Picture } from './picture.js';

export interface LabelPlace {
  /** Top left corner of the text. */
  readonly top: number;
  readonly left: number;
  /** Side of a dot in pixels. */
  readonly scale: number;
  /** Grey of the letters, 0…255. */
  readonly ink: number;
}

const HEIGHT = 7;
const WIDTH = 5;

/** Height and width of a text in pixels. */
export function labelSize(text: string, scale: number): Size {
  const length = Array.from(text).length;
  return [HEIGHT * scale, Math.max(0, length * (WIDTH + 1) - 1) * scale];
}

/** Draw a text in capitals onto a picture; what would fall outside is left out, unknown characters become `?`. */
export function drawLabel(picture: Picture, text: string, place: LabelPlace): void {
  Array.from(text).forEach((character, index) => {
    const glyph = GLYPHS[character.toUpperCase()] ?? GLYPHS['?'] ?? [];
    glyph.forEach((dots, y) => {
      for (let x = 0; x < WIDTH; x++)
        if (dots[x] === '#') drawDot(picture, place, y, index * (WIDTH + 1) + x);
    });
  });
}

function drawDot(picture: Picture, place: LabelPlace, y: number, x: number): void {
  const [height, width] = picture.size;
  const { scale } = place;
  for (let i = 0; i < scale * scale; i++) {
    const row = place.top + y * scale + Math.floor(i / scale);
    const column = place.left + x * scale + (i % scale);
    if (row < 0 || row >= height || column < 0 || column >= width) continue;
    const at = (row * width + column) * picture.channels;
    picture.pixels.fill(place.ink, at, at + Math.min(3, picture.channels));
  }
}
