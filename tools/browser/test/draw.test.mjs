// A browser draws from an exported folder what Node draws from it.
import { readFile } from 'node:fs/promises';
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { randomStream } from '@lapyra/core';
import { afterAll, describe, expect, it } from 'vitest';
import { missing } from '../lib/chromium.mjs';
import { exportPyramid } from '../lib/export-pyramid.mjs';
import { IMAGES } from '../lib/images.mjs';
import { openTestSite } from '../lib/open-site.mjs';
import { draw, drawFused } from '../programs/draw.mjs';

const COUNT = 16;
const SIDE = 14;

// The levels are trained here, so that their files can be served.
const engine = await (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
const files = missing ? new Map() : await exportPyramid(engine, await readFile(IMAGES), 150);
const { site, adapter, skipped, noAdapter } = await openTestSite(
  Object.fromEntries([...files].map(([name, bytes]) => [`/out/${name}`, bytes])),
);
afterAll(async () => {
  await engine.dispose();
  await site?.close();
});

const read = async (name) => files.get(name);
const inBrowser = async (backend, program, options) =>
  (await site.call('runInWorker', [{ backend, program, options: { folder: '/out', ...options } }]))
    .result;

describe.skipIf(!site)(`drawing in a browser${skipped}`, () => {
  it('samples the levels one by one, and shows the pictures', async () => {
    const expected = await draw(engine, { count: COUNT, seed: 5, read });
    const pictures = await inBrowser('onnxruntimeWeb', 'draw', { count: COUNT, seed: 5 });
    compare(pictures, expected);
    const shown = await site.call('show', [pictures, SIDE]);
    // Four bytes a pixel, and all pictures in one row after the other.
    const at = (picture, y, x, c) => shown[(y * COUNT * SIDE + picture * SIDE + x) * 4 + c];
    const asShown = pictures.map((_, i) => {
      const [c, x, y] = [i % 3, Math.floor(i / 3) % SIDE, Math.floor(i / (3 * SIDE)) % SIDE];
      return at(Math.floor(i / (3 * SIDE * SIDE)), y, x, c);
    });
    expect(asShown).toEqual(pictures);
  });

  it('runs the fused file', async () => {
    const { fused } = JSON.parse(new TextDecoder().decode(files.get('manifest.json')));
    const z = randomStream('browser').normal(COUNT * fused.z);
    const expected = await drawFused(engine, { count: COUNT, z, read });
    compare(await inBrowser('onnxruntimeWeb', 'drawFused', { count: COUNT, z }), expected);
  });

  it.skipIf(!adapter)(`samples the levels by WebGPU${noAdapter}`, async () => {
    const expected = await draw(engine, { count: COUNT, seed: 5, read });
    const pictures = await inBrowser('onnxruntimeWebgpu', 'draw', { count: COUNT, seed: 5 });
    compare(pictures, expected);
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
