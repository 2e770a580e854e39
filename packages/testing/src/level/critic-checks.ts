import {
  type Critic,
  elementCount,
  type StepTraining,
  type TensorValue,
  type TensorValues,
} from '@lapyra/core';
import { expect } from 'vitest';
import { expectClose } from '../expect-close.js';
import { runOnce } from './draw-images.js';
import { fewSteps, type LevelCheck, type LevelHarness } from './level-harness.js';

/** The judge that a level offers for joint fine-tuning, with what it has learnt in a few steps. */
export function criticChecks(
  { level, views, engine, steps, closeness, withTrainer }: LevelHarness,
  training: StepTraining,
  { program }: Critic,
): LevelCheck[] {
  const judged = (first: number, count: number): Promise<TensorValue> =>
    withTrainer(training, async (trainer) => {
      for (const step of fewSteps(training, steps)) await trainer.step(step);
      const state = await trainer.read();
      const reads = Object.fromEntries(program.reads.map((name) => [name, state[name]!]));
      const indices = Array.from({ length: count }, (_, at) => first + at);
      const parts = ['image', 'low', 'coarse', 'condition'] as const;
      const given: Record<string, TensorValue> = {};
      for (const part of parts) if (part in program.inputs) given[part] = views.part(part, indices);
      const { logits } = await runOnce(engine, program, reads, given as TensorValues, count);
      return logits!;
    });
  return [
    {
      title: `has a critic that judges each ${level.output === 'band' ? 'refined image' : 'image'} by itself`,
      run: async () => {
        const whole = await judged(0, 5);
        expect(whole.shape[0], 'images judged').toBe(5);
        expect(whole.data.every(Number.isFinite), 'finite').toBe(true);
        const length = elementCount(whole.shape.slice(1));
        for (const [first, count] of [
          [0, 2],
          [3, 2],
          [4, 1],
        ] as const) {
          const part = await judged(first, count);
          expect(part.shape).toEqual([count, ...whole.shape.slice(1)]);
          expectClose(part, whole.data.slice(first * length, (first + count) * length), closeness);
        }
        const distinct = new Set(whole.data);
        expect(distinct.size, 'different logits of five images').toBeGreaterThan(1);
      },
    },
  ];
}
