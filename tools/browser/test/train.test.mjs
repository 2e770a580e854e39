// A refining level learns in a browser, by the same program as in Node.
import { readFile } from 'node:fs/promises';
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { expectClose, expectCloseInNorm } from '@lapyra/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missing } from '../lib/chromium.mjs';
import { IMAGES } from '../lib/images.mjs';
import { openSite } from '../lib/open-site.mjs';
import { train } from '../programs/train.mjs';

const STEPS = 20;

const mean = (numbers) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

describe.skipIf(missing)(`training in a browser${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let site, inNode;
  beforeAll(async () => {
    site = await openSite(['page', 'worker'], { '/cifar10.bin': IMAGES });
    const engine = await (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
    inNode = await train(engine, { index: 1, steps: STEPS, file: await readFile(IMAGES) });
    await engine.dispose();
  });
  afterAll(() => site?.close());

  const evaluate = async (call, message, how) => {
    const { page, complaints } = await site.open(how);
    const answer = await page.evaluate(([name, given]) => globalThis[name](given), [call, message]);
    expect(complaints).toEqual([]);
    await page.close();
    return answer;
  };

  it.each([
    ['on one thread', { threads: 1 }, {}],
    ['on two threads', { threads: 2 }, {}],
    ['on a page that is not isolated', {}, { isolated: false }],
  ])('takes the steps that it takes in Node, in WebAssembly %s', async (_, engine, how) => {
    const options = { index: 1, steps: STEPS, file: '/cifar10.bin' };
    const message = { backend: 'onnxruntimeWeb', ...engine, program: 'train', options };
    const { result, ticks, milliseconds } = await evaluate('runInWorker', message, how);
    // The page's own thread was free all the time.
    expect(ticks).toBeGreaterThan(milliseconds / 50);
    compareFirstStep(result, inNode);
    expectItLearns(result);
  });

  it('holds no more memory after many steps', async () => {
    const looks = [300, 400, 500, 800, 900, 1000];
    const options = { index: 0, steps: 1000, looks, file: '/cifar10.bin' };
    const message = { backend: 'onnxruntimeWeb', threads: 1, program: 'trainLong', options };
    const held = await evaluate('runHere', message);
    expect(held.map(({ step }) => step)).toEqual(looks);
    expect(held.map(({ tensors }) => tensors)).toEqual(looks.map(() => 0));
    expect(new Set(held.map(({ wasm }) => wasm)).size).toBe(1);
    expect(held[0].wasm).toBeGreaterThan(0);
    // The state alone has 160 KB: kept from each step, it would come to 80 MB. What is left varies by compiled code and caches.
    const least = (some) => Math.min(...some.map(({ script }) => script));
    expect(least(held.slice(3)) - least(held.slice(0, 3))).toBeLessThan(3e6);
  });
});

function compareFirstStep({ first, recorded }, inNode) {
  expect(Object.keys(first)).toEqual(Object.keys(inNode.first));
  for (const [name, tensor] of Object.entries(inNode.first))
    expectCloseInNorm(first[name], tensor, { relative: 1e-4, absolute: 1e-6 });
  for (const [name, loss] of Object.entries(inNode.recorded[0]))
    if (name !== 'refused') expectClose([recorded[0][name]], [loss], { relative: 1e-4 });
}

function expectItLearns({ recorded, first, last }) {
  expect(recorded).toHaveLength(STEPS);
  expect(recorded.some(({ refused }) => refused)).toBe(false);
  const pixel = recorded.map((losses) => losses.pixel);
  expect(mean(pixel.slice(-5))).toBeLessThan(0.7 * mean(pixel.slice(0, 3)));
  expect(last).not.toEqual(first);
}
