import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LapyraError } from '@lapyra/core';
import { decodeImage, inspectImage } from '@lapyra/images';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pngByHand } from './png-by-hand.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lapyra-images-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const RGB = pngByHand({
  width: 2,
  height: 2,
  depth: 8,
  type: 2,
  rows: [
    [1, 2, 3, 40, 50, 60],
    [255, 0, 0, 7, 8, 9],
  ],
});

async function message(promise: Promise<unknown>): Promise<{ code: string; text: string }> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!LapyraError.is(error)) throw new Error(`no LapyraError: ${String(error)}`);
  return { code: error.code, text: error.message };
}

describe('decodeImage', () => {
  it('gives the pixels of an RGB PNG, from bytes and from a path', async () => {
    const expected = [1, 2, 3, 40, 50, 60, 255, 0, 0, 7, 8, 9];
    const picture = await decodeImage(RGB);
    expect(picture.size).toEqual([2, 2]);
    expect(picture.channels).toBe(3);
    expect([...picture.pixels]).toEqual(expected);
    const file = join(folder, 'named.jpg'); // told by content
    await writeFile(file, RGB);
    expect([...(await decodeImage(file)).pixels]).toEqual(expected);
  });

  it('keeps grey as one channel, and reads a palette and 16 bits', async () => {
    const grey = await decodeImage(
      pngByHand({ width: 3, height: 1, depth: 8, type: 0, rows: [[0, 100, 255]] }),
    );
    expect([grey.channels, ...grey.pixels]).toEqual([1, 0, 100, 255]);
    const palette = await decodeImage(
      pngByHand({
        width: 2,
        height: 1,
        depth: 8,
        type: 3,
        rows: [[1, 0]],
        palette: [9, 8, 7, 30, 20, 10],
      }),
    );
    expect([palette.channels, ...palette.pixels]).toEqual([3, 30, 20, 10, 9, 8, 7]);
    const deep = await decodeImage(
      pngByHand({
        width: 1,
        height: 1,
        depth: 16,
        type: 2,
        rows: [[200, 200, 100, 100, 7, 7]], // v·257, which is v of 8 bits exactly
      }),
    );
    expect([deep.channels, ...deep.pixels]).toEqual([3, 200, 100, 7]);
    const deepGrey = await decodeImage(
      pngByHand({ width: 1, height: 1, depth: 16, type: 0, rows: [[77, 77]] }),
    );
    expect([deepGrey.channels, ...deepGrey.pixels]).toEqual([1, 77]);
    const bits = await decodeImage(
      pngByHand({ width: 4, height: 1, depth: 1, type: 0, rows: [[0b1010_0000]] }),
    );
    expect([bits.channels, ...bits.pixels]).toEqual([1, 255, 0, 255, 0]);
  });

  it('keeps alpha, and spreads grey with alpha to RGBA', async () => {
    const rgba = pngByHand({
      width: 2,
      height: 1,
      depth: 8,
      type: 6,
      rows: [[10, 20, 30, 0, 100, 150, 200, 128]],
    });
    expect([...(await decodeImage(rgba)).pixels]).toEqual([10, 20, 30, 0, 100, 150, 200, 128]);
    const greyAlpha = await decodeImage(
      pngByHand({ width: 1, height: 1, depth: 8, type: 4, rows: [[50, 60]] }),
    );
    expect([greyAlpha.channels, ...greyAlpha.pixels]).toEqual([4, 50, 50, 50, 60]);
  });

  it('composites alpha on white, or on the colour given, and converts colour to grey', async () => {
    const rgba = pngByHand({
      width: 2,
      height: 1,
      depth: 8,
      type: 6,
      rows: [[10, 20, 30, 0, 100, 150, 200, 51]], // 51 is a fifth
    });
    const onWhite = await decodeImage(rgba, { channels: 3 });
    expect([...onWhite.pixels]).toEqual([255, 255, 255, 224, 234, 244]);
    const onBlack = await decodeImage(rgba, { channels: 3, background: [0, 0, 0] });
    expect([...onBlack.pixels]).toEqual([0, 0, 0, 20, 30, 40]);
    const grey = await decodeImage(RGB, { channels: 1 });
    // 0.299 R + 0.587 G + 0.114 B: 1.815, 48.15, 76.245, 7.815
    expect([...grey.pixels]).toEqual([2, 48, 76, 8]);
    const four = await decodeImage(RGB, { channels: 4 });
    expect([...four.pixels.subarray(0, 8)]).toEqual([1, 2, 3, 255, 40, 50, 60, 255]);
  });

  it('turns a JPEG as its EXIF orientation says', async () => {
    // Left half black, right half white; orientation 6 means: turn a quarter clockwise to show.
    const raw = Buffer.alloc(16 * 32 * 3);
    for (let i = 0; i < 16 * 32; i++) raw.fill(i % 32 < 16 ? 0 : 255, i * 3, i * 3 + 3);
    const jpeg = await sharp(raw, { raw: { width: 32, height: 16, channels: 3 } })
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 100 })
      .toBuffer();
    expect((await inspectImage(jpeg)).size).toEqual([32, 16]);
    const picture = await decodeImage(jpeg);
    expect(picture.size).toEqual([32, 16]);
    expect(picture.pixels[(2 * 16 + 8) * 3]).toBeLessThan(10); // above: black
    expect(picture.pixels[(29 * 16 + 8) * 3]).toBeGreaterThan(245); // below: white
  });

  it('reads WebP, and grey and CMYK JPEG', async () => {
    const raw = Buffer.from([200, 100, 50]);
    const one = sharp(raw, { raw: { width: 1, height: 1, channels: 3 } });
    const webp = await decodeImage(await one.clone().webp({ lossless: true }).toBuffer());
    expect([...webp.pixels]).toEqual([200, 100, 50]);
    const grey = sharp(Buffer.alloc(64, 90), { raw: { width: 8, height: 8, channels: 1 } });
    const greyJpeg = await decodeImage(
      await grey.toColourspace('b-w').jpeg({ quality: 100 }).toBuffer(),
    );
    expect(greyJpeg.channels).toBe(1);
    expect(greyJpeg.pixels[0]).toBeGreaterThan(87);
    expect(greyJpeg.pixels[0]).toBeLessThan(93);
    const cmyk = await decodeImage(
      await one.clone().resize(16, 16).toColourspace('cmyk').jpeg().toBuffer(),
    );
    expect([cmyk.channels, cmyk.pixels.length]).toEqual([3, 16 * 16 * 3]);
  });

  it('refuses other files by name', async () => {
    const file = join(folder, 'notes.png');
    await writeFile(file, 'hello');
    expect(await message(decodeImage(file))).toEqual({
      code: 'LAPYRA_IMAGE_FORMAT',
      text: `${file}: expected a PNG, JPEG or WebP picture, got a file that starts with 68 65 6c 6c.`,
    });
    expect((await message(decodeImage(Buffer.from('GIF89a')))).text).toBe(
      'image: expected a PNG, JPEG or WebP picture, got GIF.',
    );
    expect((await message(decodeImage(Buffer.alloc(0), { name: 'a.png' }))).text).toBe(
      'a.png: expected a PNG, JPEG or WebP picture, got an empty file.',
    );
    expect(await message(decodeImage(join(folder, 'none.png')))).toEqual({
      code: 'LAPYRA_IMAGE_READ',
      text: `${join(folder, 'none.png')}: expected a readable file, got ENOENT.`,
    });
  });

  it('refuses truncated and corrupt pictures of each format', async () => {
    const noise = Buffer.from(Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * i * 31) % 251));
    const input = sharp(noise, { raw: { width: 64, height: 64, channels: 3 } });
    const files = {
      png: await input.clone().png().toBuffer(),
      jpeg: await input.clone().jpeg().toBuffer(),
      webp: await input.clone().webp().toBuffer(),
    };
    for (const [name, bytes] of Object.entries(files)) {
      for (const share of [0.1, 0.5, 0.95]) {
        const cut = bytes.subarray(0, Math.round(bytes.length * share));
        const small = { name, resize: { size: [5, 5] } } as const; // JPEG then decodes at a fraction of its size
        expect((await message(decodeImage(cut, small))).code).toBe('LAPYRA_IMAGE_CORRUPT');
        const { code, text } = await message(decodeImage(cut, { name }));
        expect(code, `${name} cut to ${share}`).toBe('LAPYRA_IMAGE_CORRUPT');
        expect(text).toMatch(
          new RegExp(
            `^${name}: expected a whole picture, got a corrupt or truncated one \\(.+\\)\\.$`,
          ),
        );
      }
    }
    const flipped = Buffer.from(files.png);
    flipped.fill(0xaa, flipped.length >> 1, (flipped.length >> 1) + 40);
    expect((await message(decodeImage(flipped))).code).toBe('LAPYRA_IMAGE_CORRUPT');
  });

  it('refuses a huge picture by its header alone', async () => {
    // Says 100 000 × 90 000 pixels in a file of a few bytes: decoding it would take 27 GB.
    const bomb = pngByHand({ width: 90_000, height: 100_000, depth: 8, type: 2, rows: [[0]] });
    expect(await message(decodeImage(bomb, { name: 'bomb.png' }))).toEqual({
      code: 'LAPYRA_IMAGE_TOO_LARGE',
      text: 'bomb.png: expected at most 67108864 pixels, got 100000 × 90000 (height × width).',
    });
    expect((await message(decodeImage(RGB, { maxPixels: 3 }))).code).toBe('LAPYRA_IMAGE_TOO_LARGE');
    expect((await decodeImage(RGB, { maxPixels: 4 })).size).toEqual([2, 2]);
  });

  it('resizes while decoding', async () => {
    const raw = Buffer.alloc(60 * 120 * 3);
    for (let i = 0; i < 60 * 120; i++) raw.fill(i % 120 < 60 ? 0 : 255, i * 3, i * 3 + 3);
    const jpeg = await sharp(raw, { raw: { width: 120, height: 60, channels: 3 } })
      .jpeg({ quality: 100 })
      .toBuffer();
    const left = await decodeImage(jpeg, { resize: { size: [6, 6], anchor: 'left' } });
    expect(left.size).toEqual([6, 6]);
    expect(Math.max(...left.pixels.subarray(0, 5 * 3))).toBeLessThan(20);
    const contained = await decodeImage(jpeg, {
      resize: { size: [6, 6], fit: 'contain' },
      background: [1, 2, 3],
    });
    expect([...contained.pixels.subarray(0, 3)]).toEqual([1, 2, 3]);
    expect(contained.pixels[(3 * 6 + 5) * 3]).toBeGreaterThan(235);
  });
});
