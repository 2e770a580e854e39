// A refining level learns in a browser, by the same program as in Node.
import { readFile } from 'node:fs/promises';
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { expectClose, expectCloseInNorm } from '@lapyra/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IMAGES } from '../lib/images.mjs';
import { openTestSite } from '../lib/open-site.mjs';
import { learnAsShown } from '../programs/learn.mjs';
import { train } from '../programs/train.mjs';

const STEPS = 20;
const options = { level: 'refining', steps: STEPS, file: '/cifar10.bin' };

const { site, adapter, skipped, noAdapter } = await openTestSite({ '/cifar10.bin': IMAGES });
afterAll(() => site?.close());

describe.skipIf(!site)(`training in a browser${skipped}`, () => {
  const inNode = {};
  beforeAll(async () => {
    const engine = await (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
    for (const level of ['refining', 'tiny'])
      inNode[level] = await train(engine, { ...options, level, file: await readFile(IMAGES) });
    await engine.dispose();
  });

  it.each([
    ['on one thread', { threads: 1 }, {}],
    ['on two threads', { threads: 2 }, {}],
    ['on a page that is not isolated', {}, { isolated: false }],
  ])('takes the steps that it takes in Node, by WebAssembly %s', async (_, engine, how) => {
    const message = { backend: 'onnxruntimeWeb', ...engine, program: 'train', options };
    const { result, ticks, milliseconds } = await site.call('runInWorker', [message], how);
    // The page's own thread was free all the time.
    expect(ticks).toBeGreaterThan(milliseconds / 50);
    compareFirstStep(result, inNode.refining);
    expectItLearns(result);
  });

  // Preparing the shaders takes most of the time: both tests of a card look at one run.
  let asked;
  const onCard = () =>
    (asked ??= site.call('runInWorker', [
      {
        backend: 'onnxruntimeWebgpu',
        program: 'trainThenTogether',
        options: {
          ...options,
          level: 'tiny',
          looks: [5, STEPS],
          together: { steps: 1, trainings: 2 },
        },
      },
    ]));

  it.skipIf(!adapter)(`takes them by WebGPU, state on the card${noAdapter}`, async () => {
    const result = (await onCard()).result.alone;
    compareFirstStep(result, inNode.tiny);
    expectItLearns(result);
    const [early, late] = result.held;
    expect(early.buffers).toBeGreaterThan(Object.keys(result.last).length);
    expect(late).toEqual({ ...early, step: STEPS, read: late.read });
    // Of each step four numbers come back, which have 16 bytes each; the weights have 23 KB.
    expect(late.read - early.read).toBeGreaterThan(0);
    expect(late.read - early.read).toBeLessThanOrEqual((STEPS - 5) * 4 * 16);
  });

  it.skipIf(!adapter)(`trains several at the same time by WebGPU${noAdapter}`, async () => {
    const { states } = (await onCard()).result;
    expect(states).toHaveLength(2);
    for (const state of states)
      for (const [name, tensor] of Object.entries(inNode.tiny.first))
        expectCloseInNorm(state[name], tensor, { relative: 1e-4, absolute: 1e-6 });
  });

  it('computes ordinary tfjs code when its values are read', async () => {
    const x = Array.from({ length: 16 }, (_, i) => [Math.sin(i), Math.cos(3 * i)]);
    const y = x.map(([a, b]) => [2 * a - b]);
    const message = { backend: 'onnxruntimeWeb', program: 'fit', options: { x, y, steps: 80 } };
    const { found, losses, tensors } = (await site.call('runInWorker', [message])).result;
    expectClose(found, [2, -1], { absolute: 0.02 });
    // At w = 0 the loss is the mean square of y.
    expectClose([losses[0]], [y.reduce((sum, [v]) => sum + v * v, 0) / 16], { relative: 1e-5 });
    expect(new Set(tensors.slice(1)).size).toBe(1);
  });

  it('learns, draws and writes a file as docs/browsers.md shows', async () => {
    const how = { gpu: false, steps: 8 };
    const message = { backend: 'onnxruntimeWeb', program: 'learnAsShown' };
    const { result } = await site.call('runInWorker', [
      { ...message, options: { ...how, file: '/cifar10.bin' } },
    ]);
    expect(result.told.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    for (const { losses } of result.told)
      expect(losses).toEqual({ d: expect.any(Number), g: expect.any(Number) });

    const here = await learnAsShown(null, { ...how, file: await readFile(IMAGES) });
    expect(result.pictures).toHaveLength(16 * 8 * 8 * 3);
    const apart = result.pictures.map((value, at) => Math.abs(value - here.pictures[at]));
    expect(Math.max(...apart)).toBeLessThanOrEqual(1);

    const engine = await (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
    const { inputs, outputs } = await engine.load(result.file);
    expect(inputs.map(({ name, shape }) => [name, shape])).toEqual([['noise.z', [null, 32]]]);
    expect(outputs.map(({ name }) => name)).toEqual(['image']);
    await engine.dispose();
  });

  it('holds no more memory after many steps', async () => {
    const looks = [300, 400, 500, 800, 900, 1000];
    const { held } = await site.call('runHere', [
      {
        backend: 'onnxruntimeWeb',
        threads: 1,
        program: 'train',
        options: { ...options, level: 'first', steps: 1000, looks },
      },
    ]);
    expect(held.map(({ step }) => step)).toEqual(looks);
    expect(held.map(({ tensors }) => tensors)).toEqual(looks.map(() => 0));
    expect(new Set(held.map(({ wasm }) => wasm)).size).toBe(1);
    expect(held[0].wasm).toBeGreaterThan(0);
    // The state has 160 KB: kept from each step, it would come to 80 MB. What is left varies by compiled code and caches.
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
  const mean = (some) => some.reduce((sum, { pixel }) => sum + pixel, 0) / some.length;
  expect(mean(recorded.slice(-5))).toBeLessThan(0.75 * mean(recorded.slice(0, 3)));
  expect(last).not.toEqual(first);
}
