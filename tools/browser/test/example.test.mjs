// The example of @lapyra/tfjs-onnx for browsers, as it stands there.
import { afterAll, describe, expect, it } from 'vitest';
import { missing } from '../lib/chromium.mjs';
import { openSite } from '../lib/open-site.mjs';

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
      while (!(await said.textContent()).startsWith('step 200')) {
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
