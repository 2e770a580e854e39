import { describe, expect, it } from 'vitest';
import { drawLabel, labelSize } from './draw-label.js';
import { GLYPHS } from './glyphs.js';
import { imageGrid } from './image-grid.js';
import type { Picture } from './picture.js';

/** A grey picture as text, one character a pixel. */
function show({ size, pixels }: Picture, names: Record<number, string>): string[] {
  return Array.from({ length: size[0] }, (_, y) =>
    Array.from({ length: size[1] }, (_, x) => names[pixels[y * size[1] + x] ?? -1] ?? '!').join(''),
  );
}

describe('imageGrid', () => {
  it('puts images row by row with gaps around and between', () => {
    const images = Uint8Array.of(1, 2, 3, 4, 5, 6); // three images of 1 × 2
    const grid = imageGrid({ images, size: [1, 2], channels: 1, columns: 2, gap: 1 });
    const names = { 1: 'a', 2: 'b', 3: 'c', 4: 'd', 5: 'e', 6: 'f', 255: '.' };
    expect(show(grid, names)).toEqual(['.......', '.ab.cd.', '.......', '.ef....', '.......']);
  });

  it('scales by nearest neighbour, without a gap if asked', () => {
    const images = Uint8Array.of(1, 2, 3, 4); // one image of 2 × 2
    const grid = imageGrid({ images, size: [2, 2], channels: 1, gap: 0, scale: 3 });
    expect(show(grid, { 1: 'a', 2: 'b', 3: 'c', 4: 'd' })).toEqual([
      ...Array<string>(3).fill('aaabbb'),
      ...Array<string>(3).fill('cccddd'),
    ]);
  });

  it('takes the root of the number of images as columns, 2 pixels of gap, and keeps colours apart', () => {
    const images = Uint8Array.from({ length: 5 * 3 }, (_, i) => i);
    const grid = imageGrid({ images, size: [1, 1], channels: 3 });
    expect(grid.size).toEqual([2 * 3 + 2, 3 * 3 + 2]);
    const at = (y: number, x: number): number[] => [
      ...grid.pixels.subarray((y * 11 + x) * 3, (y * 11 + x) * 3 + 3),
    ];
    expect(at(2, 2)).toEqual([0, 1, 2]);
    expect(at(2, 8)).toEqual([6, 7, 8]);
    expect(at(5, 5)).toEqual([12, 13, 14]);
    expect(at(5, 8)).toEqual([255, 255, 255]);
  });

  it('leaves the space around RGBA images opaque', () => {
    const grid = imageGrid({
      images: Uint8Array.of(9, 9, 9, 0),
      size: [1, 1],
      channels: 4,
      gap: 1,
      background: 3,
    });
    expect([...grid.pixels.subarray(0, 4)]).toEqual([3, 3, 3, 255]);
    expect([...grid.pixels.subarray(16, 20)]).toEqual([9, 9, 9, 0]);
  });

  it('writes words to the left of rows', () => {
    const images = new Uint8Array(2 * 9).fill(1); // two images of 3 × 3
    const grid = imageGrid({
      images,
      size: [3, 3],
      channels: 1,
      columns: 1,
      gap: 1,
      rowLabels: ['L', 'it'],
    });
    // Rows are as high as letters (7) instead of 3; the longer word is 11 wide.
    expect(show(grid, { 0: '#', 1: 'a', 255: '.' })).toEqual([
      '...................',
      '.#.................',
      '.#.................',
      '.#.............aaa.',
      '.#.............aaa.',
      '.#.............aaa.',
      '.#.................',
      '.#####.............',
      '...................',
      '.#####.#####.......',
      '...#.....#.........',
      '...#.....#.....aaa.',
      '...#.....#.....aaa.',
      '...#.....#.....aaa.',
      '...#.....#.........',
      '.#####...#.........',
      '...................',
    ]);
  });

  it('refuses what makes no grid', () => {
    const ask = (change: object): (() => Picture) => {
      const options = { images: new Uint8Array(12), size: [2, 2], channels: 3 } as const;
      return () => imageGrid({ ...options, ...change });
    };
    expect(ask({ images: new Uint8Array(13) })).toThrow(
      'imageGrid: expected one or more images of [2, 2, 3], got 13 bytes',
    );
    expect(ask({ images: new Uint8Array(0) })).toThrow('got 0 bytes, 0 images.');
    expect(ask({ columns: 0 })).toThrow('imageGrid: expected columns of at least 1, got 0.');
    expect(ask({ scale: 1.5 })).toThrow(
      'imageGrid: expected a whole scale of at least 1, got 1.5.',
    );
    expect(ask({ gap: -1 })).toThrow('imageGrid: expected a gap of whole pixels, got -1.');
  });
});

describe('drawLabel', () => {
  it('knows each letter and digit by its own five by seven dots', () => {
    const rows = Object.values(GLYPHS);
    expect(
      rows.every((glyph) => glyph.length === 7 && glyph.every((row) => row.length === 5)),
    ).toBe(true);
    expect(new Set(rows.map((glyph) => glyph.join(''))).size).toBe(rows.length);
    for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,-_:/')
      expect(GLYPHS).toHaveProperty([character]);
  });

  it('cuts off at the edge and writes ? for what it does not know', () => {
    const blank = (): Picture => ({ size: [7, 8], channels: 1, pixels: new Uint8Array(56) });
    const [unknown, question] = [blank(), blank()];
    drawLabel(unknown, 'é日', { top: 0, left: -1, scale: 1, ink: 9 });
    drawLabel(question, '??', { top: 0, left: -1, scale: 1, ink: 9 });
    expect(unknown.pixels).toEqual(question.pixels);
    expect(unknown.pixels.includes(9)).toBe(true);
    expect(labelSize('ab', 2)).toEqual([14, 22]);
    expect(labelSize('', 2)).toEqual([14, 0]);
  });
});
