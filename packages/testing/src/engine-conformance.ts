// What every engine must do, as a vitest suite. The numbers are compared with results worked out by hand or by the
// definition in plain JavaScript, never with another engine.
import type { Backend, Engine } from '@lapyra/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeDisposal, describeLeaks } from './engine/disposal.js';
import { describeFiles } from './engine/files.js';
import type { EngineHarness } from './engine/harness.js';
import { describeRefusals } from './engine/refusals.js';
import { describeRuns } from './engine/runs.js';
import { describeStates } from './engine/states.js';
import { describeTraining } from './engine/training.js';
import type { Closeness } from './expect-close.js';

export interface EngineConformanceOptions {
  /** How far numbers may be from those worked out in float64. @default { relative: 1e-5, absolute: 1e-6 } */
  readonly closeness?: Closeness;
  /** Number of tensors that are alive in the engine's library; with it the suite looks for leaks. */
  readonly liveTensors?: () => number;
}

/**
 * The conformance suite of backends: call it at the top of a test file, as `await engineConformance(() => backend)`.
 *
 * It checks the probe, inputs and outputs of each element type, any batch size, state that programs share, purity and
 * determinism, refusal of wrong input, failing programs, disposal and leaks; for backends that can `train`, steps of
 * gradient descent and of Adam; for those that can `onnx` and `export`, the round trip through a file. If the probe says
 * that the backend is not available, the suite is skipped and its title says why.
 */
export async function engineConformance(
  createBackend: () => Backend | Promise<Backend>,
  options: EngineConformanceOptions = {},
): Promise<void> {
  const backend = await createBackend();
  const probe = await backend.probe();
  const { id, can } = backend;
  const title = probe.available ? id : `${id} (skipped: ${probe.reason})`;

  describe.skipIf(!probe.available)(title, () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await backend.open();
    });
    afterAll(() => engine.dispose());

    const harness: EngineHarness = {
      backend,
      get engine() {
        return engine;
      },
      closeness: options.closeness ?? { relative: 1e-5, absolute: 1e-6 },
      withProgram: async (program, values, batch, use) => {
        const state = await engine.open(values);
        try {
          const compiled = await state.compile(program, batch);
          const result = await use({ state, run: (...given) => compiled.run(...given) });
          await compiled.dispose();
          return result;
        } finally {
          await state.dispose();
        }
      },
    };

    describe('backend', () => {
      it('says what it is', () => {
        expect(id).toMatch(/^[a-z][a-z\d-]*$/);
        expect(Number.isFinite(backend.priority)).toBe(true);
        expect(new Set(can).size).toBe(can.length);
        expect(can).toContain('sample');
        for (const capability of can)
          expect(['train', 'sample', 'onnx', 'export']).toContain(capability);
        expect(probe).toEqual({ available: true, device: expect.stringMatching(/\S/) });
        expect(engine.id).toBe(id);
      });

      it('has the methods that it lists', () => {
        expect(typeof engine.load).toBe(can.includes('onnx') ? 'function' : 'undefined');
        expect(typeof engine.export).toBe(can.includes('export') ? 'function' : 'undefined');
      });
    });

    describeRuns(harness);
    describeStates(harness);
    describeRefusals(harness);
    describeDisposal(harness);
    if (options.liveTensors) describeLeaks(harness, options.liveTensors);
    if (can.includes('train')) describeTraining(harness);
    if (can.includes('onnx') && can.includes('export')) describeFiles(harness);
  });
}
