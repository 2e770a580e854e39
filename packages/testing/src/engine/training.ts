import type { TensorProgram, TensorValues } from '@lapyra/core';
import { describe, it } from 'vitest';
import { expectClose } from '../expect-close.js';
import { float32 } from '../tensor-values.js';
import type { EngineHarness } from './harness.js';
import {
  adapt,
  adaptState,
  descend,
  regressed,
  regressionBatch,
  regressionState,
} from './programs.js';

/** Programs with gradients inside, against updates worked out by hand. */
export function describeTraining({ withProgram, closeness }: EngineHarness): void {
  describe('training', () => {
    it.each<[string, TensorProgram, TensorValues]>([
      ['gradient descent', descend, regressionState],
      ['Adam', adapt, adaptState],
    ])('takes steps of %s', async (_, program, start) => {
      const rate = 0.05;
      await withProgram(program, start, 4, async ({ run, state }) => {
        for (let step = 1; step <= 5; step++) {
          const { loss } = await run({ ...regressionBatch, rate: float32([], [rate]) });
          const expected = regressed(step, program === adapt ? 'adapt' : 'descend', rate);
          const { w, b } = await state.read(['w', 'b']);
          expectClose(loss!, [expected.loss], closeness);
          expectClose(w!, expected.w, closeness);
          expectClose(b!, expected.b, closeness);
        }
      });
    });
  });
}
