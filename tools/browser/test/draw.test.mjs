// A browser draws from an exported folder what Node draws from it.
import { readFile } from 'node:fs/promises';
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { randomStream } from '@lapyra/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missing } from '../lib/chromium.mjs';
import { exportPyramid } from '../lib/export-pyramid.mjs';
import { IMAGES } from '../lib/images.mjs';
import { openSite } from '../lib/open-site.mjs';
import { draw, drawFused } from '../programs/draw.mjs';

const COUNT = 16;
const SIDE = 14;

describe.skipIf(missing)(`drawing in a browser${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let site, files, engine;
  beforeAll(async () => {
    engine = await (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
    files = await exportPyramid(engine, await readFile(IMAGES), 150);
    const served = Object.fromEntries([...files].map(([name, bytes]) => [`/out/${name}`, bytes]));
    site = await openSite(['page', 'worker'], served);
  });
  afterAll(async () => {
    await engine?.dispose();
    await site?.close();
  });

  const read = async (name) => files.get(name);
  const runIn = async (page, program, options) =>
    (
      await page.evaluate((message) => globalThis.runInWorker(message), {
        backend: 'onnxruntimeWeb',
        program,
        options: { folder: '/out', ...options },
      })
    ).result;

  it('samples the levels one by one, and shows the pictures', async () => {
    const expected = await draw(engine, { count: COUNT, seed: 5, read });
    const { page, complaints } = await site.open();
    const pictures = await runIn(page, 'draw', { count: COUNT, seed: 5 });
    compare(pictures, expected);
    const shown = await page.evaluate(
      ([drawn, side]) => globalThis.show(drawn, side),
      [pictures, SIDE],
    );
    // Four bytes a pixel, and all pictures in one row after the other.
    const at = (picture, y, x, c) => shown[(y * COUNT * SIDE + picture * SIDE + x) * 4 + c];
    const asShown = pictures.map((_, i) => {
      const [c, x, y] = [i % 3, Math.floor(i / 3) % SIDE, Math.floor(i / (3 * SIDE)) % SIDE];
      return at(Math.floor(i / (3 * SIDE * SIDE)), y, x, c);
    });
    expect(asShown).toEqual(pictures);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('runs the fused file', async () => {
    const { fused } = JSON.parse(new TextDecoder().decode(files.get('manifest.json')));
    const z = randomStream('browser').normal(COUNT * fused.z);
    const expected = await drawFused(engine, { count: COUNT, z, read });
    const { page, complaints } = await site.open();
    compare(await runIn(page, 'drawFused', { count: COUNT, z }), expected);
    expect(complaints).toEqual([]);
    await page.close();
  });
});

/** Pixel by pixel: at most one of 255 apart, and pictures of something. */
function compare(pictures, expected) {
  expect(pictures).toBeInstanceOf(Uint8Array);
  expect(pictures).toHaveLength(COUNT * SIDE * SIDE * 3);
  expect(expected).toHaveLength(pictures.length);
  expect(new Set(expected).size).toBeGreaterThan(50);
  const apart = pictures.map((value, i) => Math.abs(value - expected[i]));
  expect(Math.max(...apart)).toBeLessThanOrEqual(1);
  expect(apart.filter((distance) => distance > 0).length).toBeLessThan(0.01 * pictures.length);
}
