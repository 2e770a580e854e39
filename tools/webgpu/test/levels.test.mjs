// A step by each step program of every level, on WebGPU and on the processor. On a machine without a card that is SwiftShader's
// work, in software, so the nets are tiny.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onnxruntimeCpu, onnxruntimeWebgpu } from '@lapyra/backend-onnxruntime';
import { compareSteps, makeLevel, placeAt } from '@lapyra/testing';
import { boxBilinear } from '@lapyra/transform-laplacian';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LEVELS } from '../levels.mjs';

const TOLERANCE = 1e-4; // ‖card − processor‖ / ‖processor‖, of each tensor of the state and each output

/** Levels that are not trained by steps. */
const WITHOUT_STEPS = [
  '@lapyra/level-onnx#generate', // a given file
  '@lapyra/level-onnx#upscale',
  '@lapyra/level-patch#patches', // a table of patches
];

const backend = await onnxruntimeWebgpu.plugin.create({}, undefined);
const probe = await backend.probe();
const found = probe.available ? probe.device : `skipped: ${probe.reason}`;

test('every level that is trained by steps is among them', () => {
  const folder = fileURLToPath(new URL('../../../plugins', import.meta.url));
  const levels = readdirSync(folder).flatMap((plugin) => {
    const { name, lapyra } = JSON.parse(readFileSync(join(folder, plugin, 'package.json'), 'utf8'));
    return Object.entries(lapyra.plugins).flatMap(([exported, kind]) =>
      kind === 'level' ? [`${name}#${exported}`] : [],
    );
  });
  const tried = new Set(LEVELS.map(({ plugin }) => plugin.plugin.use));
  expect(new Set([...tried, ...WITHOUT_STEPS])).toEqual(new Set(levels));
});

describe.skipIf(!probe.available)(`on WebGPU (${found})`, () => {
  const { create } = ort.InferenceSession;
  let engine;
  let oracle;
  let transform;
  beforeAll(async () => {
    // No node may be left to the processor: it would take the state to the host and back in the middle of a step.
    ort.InferenceSession.create = (file, options) =>
      create.call(
        ort.InferenceSession,
        file,
        options?.executionProviders?.includes('webgpu')
          ? { ...options, extra: { session: { disable_cpu_ep_fallback: '1' } } }
          : options,
      );
    // One engine for all: what it has compiled for one level serves the next.
    engine = await backend.open();
    const processor = await onnxruntimeCpu.plugin.create({}, undefined);
    oracle = await processor.open({ threads: 1 });
    transform = await boxBilinear.plugin.create({}, undefined);
  });
  afterAll(async () => {
    await engine?.dispose();
    await oracle?.dispose();
    ort.InferenceSession.create = create;
  });

  const pixels = { mean: [125, 123, 114], scale: [63, 62, 67], exact: true };

  test.each(LEVELS)(
    '$name',
    { timeout: 120_000 },
    async ({ plugin, options, sizes, condition, parts }) => {
      const index = sizes.length - 1;
      const place = placeAt(sizes, index, { pixels, ...(condition && { condition }) });
      const level = await makeLevel(plugin, options, place, parts);
      const all = await compareSteps({ level, transform, sizes, index, engine, oracle });
      const apart = all.filter(({ difference, norm }) => !(difference <= TOLERANCE * norm));
      expect(apart).toEqual([]);
      // That something was learnt, and by every program.
      for (const { name } of level.training.programs) {
        const own = all.filter(({ program }) => program === name);
        expect(
          own.some(({ moved }) => moved > 0),
          name,
        ).toBe(true);
      }
    },
  );
});
