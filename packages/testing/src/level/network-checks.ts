import type { StepTraining, TensorValues } from '@lapyra/core';
import { expect } from 'vitest';
import { expectClose } from '../expect-close.js';
import { inputsOf, runOnce, samplerInputs } from './draw-images.js';
import { fewSteps, type LevelCheck, type LevelHarness } from './level-harness.js';

/** What a level's networks give of images, layer by layer, after a few steps. */
export function networkChecks(harness: LevelHarness, training: StepTraining): LevelCheck[] {
  const { level, views, engine, seed, steps, closeness } = harness;
  const { networks = {} } = training;
  if (Object.keys(networks).length === 0) return [];
  const inputs = (first: number, count: number): TensorValues => ({
    ...samplerInputs(level, views, first, count, seed),
    image: views.part(
      'image',
      Array.from({ length: count }, (_, at) => first + at),
    ),
  });
  return [
    {
      title: 'gives finite features by each layer of its networks, whatever else is in the batch',
      run: async () => {
        const state = await harness.withTrainer(training, async (trainer) => {
          for (const step of fewSteps(training, steps)) await trainer.step(step);
          return trainer.read();
        });
        for (const [name, { layers, program }] of Object.entries(networks)) {
          for (const layer of layers) {
            const one = program(layer);
            const read = Object.fromEntries(one.reads.map((tensor) => [tensor, state[tensor]!]));
            const features = async (first: number, count: number) =>
              (await runOnce(engine, one, read, inputsOf(one, inputs(first, count)), count))[
                'features'
              ]!;
            const [both, second] = [await features(0, 2), await features(1, 1)];
            const subject = `${name}, ${layer}`;
            expect(both.shape[0], subject).toBe(2);
            expect(both.data.every(Number.isFinite), subject).toBe(true);
            expect(second.shape.slice(1), subject).toEqual(both.shape.slice(1));
            expectClose(second, both.data.slice(both.data.length / 2), closeness);
          }
        }
      },
    },
  ];
}
