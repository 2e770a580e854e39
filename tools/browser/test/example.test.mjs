// The programs that the documentation shows for browsers, as they stand there.
import { readFile } from 'node:fs/promises';
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { afterAll, describe, expect, it } from 'vitest';
import { missing } from '../lib/chromium.mjs';
import { IMAGES } from '../lib/images.mjs';
import { openSite, openTestSite } from '../lib/open-site.mjs';
import { learnAsShown } from '../programs/learn.mjs';

const FOLDER = new URL('../../../packages/tfjs-onnx/examples/browser/', import.meta.url);
const file = (name) => new URL(name, FOLDER).pathname;

const site = missing
  ? null
  : await openSite(
      { page: file('page.js'), worker: file('worker.js') },
      { '/index.html': file('index.html') },
    );
afterAll(() => site?.close());

describe.skipIf(missing)(
  `the example of @lapyra/tfjs-onnx${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    it('paints the picture that it learns, and the page stays awake', async () => {
      const { page, complaints } = await site.open();
      await page.evaluate(() => {
        globalThis.ticks = 0;
        setInterval(() => globalThis.ticks++, 10);
      });
      const losses = [];
      const said = page.locator('#status');
      const began = Date.now();
      while (!(await said.textContent()).startsWith('step 300')) {
        const loss = /loss (.+)/.exec(await said.textContent())?.[1];
        if (loss) losses.push(Number(loss));
        if (Date.now() - began > 60_000) throw new Error(`it says: ${await said.textContent()}`);
        await page.waitForTimeout(50);
      }
      const ticks = await page.evaluate(() => globalThis.ticks);
      expect(ticks).toBeGreaterThan((Date.now() - began) / 50);
      const last = Number(/loss (.+)/.exec(await said.textContent())[1]);
      expect(losses[0]).toBeGreaterThan(3 * last);
      expect(last).toBeLessThan(5e-4);
      const [picture, painting] = await page.evaluate(() =>
        ['picture', 'painting'].map((id) => {
          const canvas = document.querySelector(`#${id}`);
          const { width, height } = canvas;
          return [...canvas.getContext('2d').getImageData(0, 0, width, height).data];
        }),
      );
      expect(new Set(picture).size).toBeGreaterThan(50);
      const apart = picture.map((value, at) => Math.abs(value - painting[at]));
      expect(apart.reduce((sum, x) => sum + x, 0) / apart.length).toBeLessThan(4);
      expect(complaints).toEqual([]);
      await page.close();
    });
  },
);

describe.skipIf(missing)(`docs/browsers.md${missing ? ` (skipped: ${missing})` : ''}`, () => {
  it('learns, draws and writes a file in a browser as in Node', async () => {
    const options = { gpu: false, steps: 20 };
    const { site: own } = await openTestSite({ '/cifar10.bin': IMAGES });
    const message = { backend: 'onnxruntimeWeb', program: 'learnAsShown' };
    const { result } = await own.call('runInWorker', [
      { ...message, options: { ...options, file: '/cifar10.bin' } },
    ]);
    await own.close();
    expect(result.told.map(({ step }) => step)).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
    const mean = (some) => some.reduce((sum, { losses }) => sum + losses.d, 0) / some.length;
    expect(mean(result.told.slice(-5))).toBeLessThan(0.95 * mean(result.told.slice(0, 3)));

    const inNode = await learnAsShown(null, { ...options, file: await readFile(IMAGES) });
    expect(result.pictures).toHaveLength(16 * 8 * 8 * 3);
    const apart = result.pictures.map((value, at) => Math.abs(value - inNode.pictures[at]));
    expect(Math.max(...apart)).toBeLessThanOrEqual(1);

    const engine = await (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
    const model = await engine.load(result.file);
    expect(model.inputs.map(({ name, shape }) => [name, shape])).toEqual([['noise.z', [null, 32]]]);
    expect(model.outputs.map(({ name }) => name)).toEqual(['image']);
    await engine.dispose();
  });
});
