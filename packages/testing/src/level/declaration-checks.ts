import { checkLevel, sameSize, type Level, type StepTraining } from '@lapyra/core';
import { expect } from 'vitest';
import type { LevelCheck, LevelHarness } from './level-harness.js';
import { programsAt } from './level-trainer.js';

/** What a level says of itself, before anything runs. */
export function declarationChecks(harness: LevelHarness): LevelCheck[] {
  const { level, sizes, index, steps } = harness;
  const { training, place, sampler } = level;
  const checks: LevelCheck[] = [
    {
      title: 'stands where it was put, and declares nothing that contradicts it',
      run: () => {
        const below = sizes[index - 1] ?? null;
        expect(sameSize(place.size, sizes[index]!), 'its own size').toBe(true);
        expect(place.coarse, 'the size below').toEqual(below);
        checkLevel(level);
      },
    },
    {
      title: 'is the same when it is made again',
      run: async () => {
        expect(declared(await harness.create())).toEqual(declared(level));
      },
    },
  ];
  if (!training && !('kind' in sampler))
    checks.push({
      title: 'reads no state, having none',
      run: () => {
        expect(sampler.reads).toEqual([]);
      },
    });
  if (training?.kind !== 'steps') return checks;
  return [
    ...checks,
    {
      title: 'maps each tensor of the sampler to one of the training state, and no others',
      run: () => {
        const mapped = Object.keys(training.samplerState).toSorted();
        if (!('kind' in sampler)) expect(mapped).toEqual([...sampler.reads].toSorted());
        for (const source of Object.values(training.samplerState))
          expect(Object.keys(training.state)).toContain(source);
      },
    },
    {
      title: 'uses every state tensor that it declares, and writes every weight',
      run: () => {
        const written = new Set(training.programs.flatMap(({ writes }) => writes));
        const read = new Set(training.programs.flatMap(({ reads }) => reads));
        const tensors = Object.entries(training.state);
        const unused = tensors.filter(([name]) => !written.has(name) && !read.has(name));
        const frozen = tensors.filter(
          ([name, { role }]) => role === 'weight' && !written.has(name),
        );
        const thawed = tensors.filter(([name, { role }]) => role === 'frozen' && written.has(name));
        expect(
          unused.map(([name]) => name),
          'tensors without a use',
        ).toEqual([]);
        expect(
          frozen.map(([name]) => name),
          'weights that no program writes',
        ).toEqual([]);
        expect(
          thawed.map(([name]) => name),
          'frozen tensors that a program writes',
        ).toEqual([]);
      },
    },
    {
      title: 'has an order of programs, names of its own, and scalars, for every step',
      run: () => {
        const names = training.programs.map(({ name }) => name);
        expect(new Set(names).size, 'names of programs').toBe(names.length);
        for (let step = 0; step < steps; step++) {
          const clock = { step, steps, images: harness.views.count };
          const order = programsAt(training, clock);
          expect(programsAt(training, clock), `order at step ${step}`).toEqual(order);
          for (const [name, { at, isRate }] of Object.entries(training.scalars)) {
            const value = at(clock);
            expect(Number.isFinite(value), `${name} at step ${step} is ${value}`).toBe(true);
            if (isRate) expect(value, `${name} at step ${step}`).toBeGreaterThanOrEqual(0);
          }
        }
      },
    },
  ];
}

/** A level without its functions. */
function declared({ place, noise, output, sampler, training }: Level): unknown {
  return {
    place,
    noise,
    output,
    sampler: { ...sampler, run: undefined, open: undefined },
    training: training?.kind === 'steps' ? withoutFunctions(training) : training?.kind,
  };
}

function withoutFunctions({
  state,
  programs,
  scalars,
  samplerState,
  score,
}: StepTraining): unknown {
  return {
    state,
    programs: programs.map((program) => ({ ...program, run: undefined })),
    scalars: Object.keys(scalars),
    samplerState,
    score,
  };
}
