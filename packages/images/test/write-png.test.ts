import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { LapyraError } from '@lapyra/core';
import { decodeImage, encodePng, type Picture, writePng } from '@lapyra/images';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lapyra-images-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const GREY: Picture = {
  size: [2, 3],
  channels: 1,
  pixels: Uint8Array.of(0, 50, 100, 150, 200, 255),
};

describe('encodePng with few colours', () => {
  it('keeps a picture of as many colours as it is, in fewer bytes', async () => {
    const [height, width] = [40, 60];
    const four = [
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
      [255, 255, 255],
    ];
    // Scattered, so that only a palette saves bytes.
    const pixels = Uint8Array.from(
      { length: height * width },
      (_, at) => ((at * at * 7 + at * 3) % 11) % 4,
    ).reduce<number[]>((all, colour) => [...all, ...four[colour]!], []);
    const picture = {
      pixels: Uint8Array.from(pixels),
      size: [height, width],
      channels: 3,
    } as const;
    const png = await encodePng(picture, { colours: 4 });
    expect((await decodeImage(png, { channels: 3 })).pixels).toEqual(picture.pixels);
    expect(png.length).toBeLessThan((await encodePng(picture)).length);
  });
});

describe('encodePng', () => {
  it('writes the header that the specification asks for, grey as grey', async () => {
    const png = Buffer.from(await encodePng(GREY));
    expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([3, 2]); // width, height
    expect([...png.subarray(24, 26)]).toEqual([8, 0]); // 8 bits, grey
    const start = png.indexOf('IDAT');
    const data = inflateSync(png.subarray(start + 4, start + 4 + png.readUInt32BE(start - 4)));
    expect(data.length).toBe(2 * (1 + 3)); // a filter byte and three pixels a row
  });

  it('loses nothing for 1, 3 and 4 channels, and gives the same bytes twice', async () => {
    for (const channels of [1, 3, 4] as const) {
      const pixels = Uint8Array.from({ length: 5 * 7 * channels }, (_, i) => (i * 37) % 256);
      const picture = { size: [5, 7], channels, pixels } as const;
      const png = await encodePng(picture);
      expect(await decodeImage(png)).toEqual(picture);
      expect(Buffer.compare(png, await encodePng(picture))).toBe(0);
    }
  });
});

describe('writePng', () => {
  it('makes the folder, replaces an older file and leaves nothing else', async () => {
    const file = join(folder, 'a', 'b', 'grid.png');
    await mkdir(join(folder, 'a', 'b'), { recursive: true });
    await writeFile(file, 'old');
    await writePng(file, GREY);
    expect((await decodeImage(file)).pixels).toEqual(GREY.pixels);
    expect(await readdir(join(folder, 'a', 'b'))).toEqual(['grid.png']);
  });

  it('says where it could not write, and keeps the older file', async () => {
    await writeFile(join(folder, 'file'), 'x');
    const target = join(folder, 'file', 'grid.png'); // below a file
    const error: unknown = await writePng(target, GREY).catch((reason: unknown) => reason);
    expect(LapyraError.is(error, 'LAPYRA_IMAGE_WRITE')).toBe(true);
    expect((error as Error).message).toMatch(
      /grid\.png: expected a place to write a PNG file, got E(NOTDIR|EXIST)\.$/,
    );
    const occupied = join(folder, 'occupied.png'); // a folder of that name
    await mkdir(occupied);
    await writeFile(join(occupied, 'x'), '');
    await expect(writePng(occupied, GREY)).rejects.toThrow('occupied.png: expected a place');
    expect((await readdir(folder)).toSorted()).toEqual(['file', 'occupied.png']);
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('x');
  });
});
