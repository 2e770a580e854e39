import { type Picture, resizeImage } from '@lapyra/images';
import { describe, expect, it } from 'vitest';

/** Three vertical stripes of red, green and blue, each `side` wide, `side` high. */
function stripes(side: number): Picture {
  const pixels = new Uint8Array(side * side * 3 * 3);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side * 3; x++) pixels[(y * side * 3 + x) * 3 + Math.floor(x / side)] = 255;
  return { size: [side, side * 3], channels: 3, pixels };
}

function pixel({ size, channels, pixels }: Picture, y: number, x: number): number[] {
  const at = (y * size[1] + x) * channels;
  return [...pixels.subarray(at, at + channels)];
}

/** Within two steps of 255: libvips computes in fixed point. */
function near(got: number[], expected: number[]): void {
  expect(got.length).toBe(expected.length);
  got.forEach((value, i) => expect(Math.abs(value - (expected[i] ?? NaN))).toBeLessThanOrEqual(2));
}

describe('resizeImage', () => {
  it('covers: fills the size and cuts by the anchor', async () => {
    const wide = stripes(30);
    const center = await resizeImage(wide, { size: [10, 10] });
    expect(center.size).toEqual([10, 10]);
    near(pixel(center, 5, 5), [0, 255, 0]);
    const left = await resizeImage(wide, { size: [10, 10], fit: 'cover', anchor: 'left' });
    near(pixel(left, 5, 5), [255, 0, 0]);
    const right = await resizeImage(wide, { size: [10, 10], anchor: 'right' });
    near(pixel(right, 5, 5), [0, 0, 255]);
  });

  it('contains: shows all and pads', async () => {
    const wide = stripes(30);
    const center = await resizeImage(wide, { size: [9, 9], fit: 'contain', background: [7, 8, 9] });
    expect(pixel(center, 2, 4)).toEqual([7, 8, 9]);
    near(pixel(center, 4, 1), [255, 0, 0]);
    near(pixel(center, 4, 4), [0, 255, 0]);
    expect(pixel(center, 6, 4)).toEqual([7, 8, 9]);
    const top = await resizeImage(wide, { size: [9, 9], fit: 'contain', anchor: 'top' });
    near(pixel(top, 1, 4), [0, 255, 0]);
    near(pixel(top, 3, 4), [255, 255, 255]);
    const bottom = await resizeImage(wide, { size: [9, 9], fit: 'contain', anchor: 'bottom' });
    near(pixel(bottom, 7, 4), [0, 255, 0]);
  });

  it('stretches: distorts, up and down', async () => {
    const square = await resizeImage(stripes(30), { size: [12, 12], fit: 'stretch' });
    near(pixel(square, 6, 1), [255, 0, 0]);
    near(pixel(square, 6, 6), [0, 255, 0]);
    near(pixel(square, 6, 10), [0, 0, 255]);
    const large = await resizeImage(stripes(2), { size: [7, 60], fit: 'stretch' });
    expect(large.size).toEqual([7, 60]);
    near(pixel(large, 3, 3), [255, 0, 0]);
  });

  it('keeps grey as grey and does not let hidden colours bleed through alpha', async () => {
    const grey = await resizeImage(
      { size: [4, 4], channels: 1, pixels: new Uint8Array(16).fill(130) },
      { size: [2, 2] },
    );
    expect([grey.channels, ...grey.pixels]).toEqual([1, 130, 130, 130, 130]);
    const pixels = new Uint8Array(8 * 8 * 4);
    for (let i = 0; i < 64; i++) pixels.set(i % 2 ? [255, 0, 0, 0] : [0, 0, 200, 255], i * 4);
    const rgba = await resizeImage({ size: [8, 8], channels: 4, pixels }, { size: [1, 1] });
    near(pixel(rgba, 0, 0).slice(0, 3), [0, 0, 200]);
    const padded = await resizeImage(
      { size: [1, 2], channels: 4, pixels: new Uint8Array(8).fill(255) },
      { size: [2, 2], fit: 'contain', anchor: 'bottom' },
    );
    expect(pixel(padded, 0, 0)).toEqual([0, 0, 0, 0]);
    expect(pixel(padded, 1, 0)).toEqual([255, 255, 255, 255]);
  });

  it('refuses what is no picture or no size', async () => {
    const picture = { size: [2, 2], channels: 3, pixels: new Uint8Array(11) } as const;
    await expect(resizeImage(picture, { size: [1, 1] })).rejects.toThrow(
      'resizeImage: expected [H, W, C] with C of 1, 3 or 4 and as many bytes, got [2, 2, 3] with 11 bytes.',
    );
    await expect(resizeImage(stripes(2), { size: [0, 4] })).rejects.toThrow(
      'size: expected a whole number of pixels or [height, width], got [0,4].',
    );
    await expect(resizeImage(stripes(2), { size: [1, 40_000] })).rejects.toThrow(
      'resize: expected sides of at most 32768 pixels, got 1x40000.',
    );
  });
});
