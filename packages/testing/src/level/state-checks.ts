import {
  decodeSafetensors,
  type Engine,
  encodeSafetensors,
  type StepTraining,
  type TensorValues,
} from '@lapyra/core';
import { expect } from 'vitest';
import { expectCloseInNorm } from '../expect-close.js';
import { fewSteps, type LevelCheck, type LevelHarness } from './level-harness.js';
import type { LevelTrainer } from './level-trainer.js';
import { copied, expectSameBits } from './same-bits.js';

/** Steps after which two engines are compared. */
const PARITY_STEPS = 5;

/** What becomes of a training state: stored and taken up again, on another engine, and in memory. */
export function stateChecks(harness: LevelHarness, training: StepTraining): LevelCheck[] {
  const { oracle } = harness;
  return [
    resumes(harness, training),
    leaksNothing(harness, training),
    ...(oracle ? [agreesWithOracle(harness, training, oracle)] : []),
  ];
}

/** As a checkpoint keeps it: through the bytes of a safetensors file. */
export function storedAndRead(state: TensorValues): TensorValues {
  const pieces = encodeSafetensors(state);
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return decodeSafetensors(bytes, 'a stored state').tensors;
}

function resumes(
  { withTrainer, withOwnTrainer }: LevelHarness,
  training: StepTraining,
): LevelCheck {
  return {
    title: 'goes on from a stored state, bit for bit',
    run: () =>
      withTrainer(training, async (trainer) => {
        await trainer.step(0);
        await trainer.step(1);
        const state = copied(await trainer.read());
        const start = storedAndRead(state);
        expectSameBits(start, state, 'state after it was stored');
        const recorded = [await trainer.step(2), await trainer.step(3)];
        const resume = async (other: LevelTrainer): Promise<void> => {
          expect([await other.step(2), await other.step(3)]).toEqual(recorded);
          expectSameBits(await other.read(), await trainer.read(), 'state after resuming');
        };
        await withOwnTrainer(training, resume, { start });
      }),
  };
}

function leaksNothing(
  { steps, liveTensors, withOwnTrainer }: LevelHarness,
  training: StepTraining,
): LevelCheck {
  return {
    title: 'leaves no tensors behind when it learns',
    run: async () => {
      const before = liveTensors();
      await withOwnTrainer(training, async (trainer) => {
        const opened = liveTensors();
        for (const step of fewSteps(training, steps)) {
          await trainer.step(step);
          expect(liveTensors(), `tensors after step ${step}`).toBe(opened);
        }
      });
      expect(liveTensors(), 'tensors in the end').toBe(before);
    },
  };
}

function agreesWithOracle(
  { withTrainer, withOwnTrainer }: LevelHarness,
  training: StepTraining,
  oracle: () => Promise<Engine>,
): LevelCheck {
  const learnt = async (trainer: LevelTrainer): Promise<TensorValues> => {
    for (let step = 0; step < PARITY_STEPS; step++) await trainer.step(step);
    return trainer.read();
  };
  return {
    title: `has after ${PARITY_STEPS} steps the state that it has on another engine`,
    run: async () => {
      const clock = { step: 0, steps: PARITY_STEPS, images: 1 };
      const rates = Object.values(training.scalars).flatMap((scalar) =>
        scalar.isRate ? [scalar.at(clock)] : [],
      );
      const rate = Math.max(0, ...rates);
      const ours = await withTrainer(training, learnt);
      const other = await oracle();
      const expected = await withOwnTrainer(training, learnt, { engine: other });
      await other.dispose();
      for (const [name, tensor] of Object.entries(expected)) {
        try {
          expectCloseInNorm(ours[name]!, tensor, { relative: 1e-4, absolute: 1e-4 * rate });
        } catch (cause) {
          throw new Error(`${name}: ${(cause as Error).message}`, { cause });
        }
      }
    },
  };
}
