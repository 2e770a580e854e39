import {
  initialState,
  sizeName,
  type StepProgram,
  type StepTraining,
  type TensorValues,
} from '@lapyra/core';
import { expect } from 'vitest';
import { otherConditions } from './draw-images.js';
import { fewSteps, type LevelCheck, type LevelHarness } from './level-harness.js';
import { type LevelTrainer, openTrainer, programsAt } from './level-trainer.js';
import { copied, differing, expectSameBits, notFinite } from './same-bits.js';
import { stepTensorProgram } from './step-inputs.js';

/** Added to a step: the same place in the schedules, other pictures and random numbers. */
const ELSEWHERE = 500_000;
/** Steps on which the programs are judged before and after training; no training uses them. */
const JUDGED = [1_000_001, 1_000_002, 1_000_003, 1_000_004];

/** How a level learns by steps. */
export function trainingChecks(harness: LevelHarness, training: StepTraining): LevelCheck[] {
  const draws = training.programs.flatMap(({ draws: named }) => Object.values(named));
  const parts = draws.flatMap(({ of }) => of);
  return [
    records(harness, training),
    movesWeights(harness, training),
    listensToData(harness, training),
    ...(parts.includes('condition') ? [listensToConditions(harness, training)] : []),
    isDeterministic(harness, training),
    leavesInputs(harness, training),
    survivesNaN(harness, training),
    ...(parts.includes('paired') ? [takesGenerated(harness, training)] : []),
    learns(harness, training),
  ];
}

function records({ steps, views, withTrainer }: LevelHarness, training: StepTraining): LevelCheck {
  return {
    title: 'records what it declares, and says that its steps count',
    run: () =>
      withTrainer(training, async (trainer) => {
        for (const step of fewSteps(training, steps)) {
          const recorded = await trainer.step(step);
          const clock = { step, steps, images: views.count };
          for (const [at, { outputs }] of programsAt(training, clock).entries()) {
            const values = recorded[at]!;
            expect(Object.keys(values).toSorted()).toEqual([...outputs].toSorted());
            expect(Object.values(values).every(Number.isFinite), 'finite outputs').toBe(true);
            expect(values['finite']).toBe(1);
          }
        }
      }),
  };
}

function movesWeights({ steps, withTrainer }: LevelHarness, training: StepTraining): LevelCheck {
  return {
    title: `moves every weight in ${fewSteps(training, steps).length} steps, and nothing to NaN`,
    run: () =>
      withTrainer(training, async (trainer, start) => {
        for (const step of fewSteps(training, steps)) await trainer.step(step);
        const state = await trainer.read();
        const moved = differing(state, start);
        const resting = Object.entries(training.state).flatMap(([name, { role }]) =>
          role === 'weight' && !moved.includes(name) ? [name] : [],
        );
        expect(resting, 'weights at rest').toEqual([]);
        expect(notFinite(state), 'tensors that are not finite').toEqual([]);
      }),
  };
}

/** A gradient has to reach each weight: what only decays, or follows itself, moves alike on all pictures. */
function listensToData({ steps, withTrainer }: LevelHarness, training: StepTraining): LevelCheck {
  return {
    title: 'moves every weight otherwise on other images and random numbers',
    run: () =>
      withTrainer(training, async (trainer, start) => {
        const learnt = async (away: number): Promise<TensorValues> => {
          await trainer.write(start);
          for (const step of fewSteps(training, steps))
            await trainer.step(step + away, { clock: step });
          return copied(await trainer.read());
        };
        const moved = differing(await learnt(0), await learnt(ELSEWHERE));
        const deaf = Object.entries(training.state).flatMap(([name, { role }]) =>
          role === 'weight' && !moved.includes(name) ? [name] : [],
        );
        expect(deaf, 'weights that no gradient reaches').toEqual([]);
      }),
  };
}

function listensToConditions(
  { level, withTrainer }: LevelHarness,
  training: StepTraining,
): LevelCheck {
  return {
    title: 'learns otherwise under other conditions',
    run: () =>
      withTrainer(training, async (trainer, start) => {
        const change = (given: TensorValues): TensorValues => otherConditions(given, level);
        await trainer.step(0);
        const state = copied(await trainer.read());
        await trainer.write(start);
        await trainer.step(0, { change });
        expect(differing(await trainer.read(), state), 'what has changed').not.toEqual([]);
      }),
  };
}

function isDeterministic(harness: LevelHarness, training: StepTraining): LevelCheck {
  const { level, engine, seed, steps, views, initial, withTrainer } = harness;
  const name = sizeName(level.place.size);
  const learnt = async (trainer: LevelTrainer): Promise<TensorValues> => {
    await trainer.step(0);
    await trainer.step(1);
    return trainer.read();
  };
  return {
    title: 'learns the same again from the same seed, and begins otherwise with another',
    run: async () => {
      const again = await harness.create();
      if (again.training?.kind !== 'steps') throw new Error('the level is made again otherwise');
      const resample = harness.transform.tensor;
      const options = {
        engine,
        level: again,
        training: again.training,
        views,
        resample,
        seed,
        steps,
      };
      const trainer = await openTrainer(options, initialState(again.training.state, seed, name));
      const state = await learnt(trainer);
      await trainer.dispose();
      expectSameBits(state, await withTrainer(training, learnt), 'state after two steps');
      const random = Object.entries(training.state).flatMap(([tensor, { initial: first }]) =>
        'uniform' in first || 'normal' in first ? [tensor] : [],
      );
      const other = initialState(training.state, seed + 1, name);
      expect(differing(other, initial(training))).toEqual(expect.arrayContaining(random));
    },
  };
}

function leavesInputs({ withTrainer }: LevelHarness, training: StepTraining): LevelCheck {
  return {
    title: 'lets the inputs of a step be',
    run: () =>
      withTrainer(training, async (trainer) => {
        for (const program of training.programs) {
          let seen: { readonly given: TensorValues; readonly before: TensorValues } | undefined;
          const change = (given: TensorValues): TensorValues => {
            seen = { given, before: copied(given) };
            return given;
          };
          await trainer.run(program, 0, { change });
          expectSameBits(seen!.given, seen!.before, `inputs of '${program.name}'`);
        }
      }),
  };
}

function survivesNaN(harness: LevelHarness, training: StepTraining): LevelCheck {
  const { level, transform, withTrainer } = harness;
  return {
    title: 'does not count a step with a NaN in any input: the state stays, bit for bit',
    run: () =>
      withTrainer(training, async (trainer) => {
        await trainer.step(0);
        const before = copied(await trainer.read());
        for (const program of training.programs) {
          const { clock, lead } = placeInStep(harness, training, program);
          const how = { clock, occurrence: lead.length };
          for (const [occurrence, one] of lead.entries())
            await trainer.run(one, 1, { clock, occurrence });
          const led = copied(await trainer.read());
          for (const input of Object.keys(
            stepTensorProgram(program, level, transform.tensor).inputs,
          )) {
            const what = `NaN in '${input}' of '${program.name}'`;
            const change = (given: TensorValues): TensorValues => spoilt(given, input);
            const { finite } = await trainer.run(program, 1, { ...how, change });
            expect(finite, `'finite' after ${what}`).toBe(0);
            // A program may also put everything back as it was before the step.
            const after = copied(await trainer.read());
            const undone = differing(after, before).length === 0;
            expectSameBits(after, undone ? before : led, `state after ${what}`);
            if (undone) await trainer.write(led);
          }
          await trainer.run(program, 1, how);
          expect(differing(await trainer.read(), led), 'a good step').not.toEqual([]);
          await trainer.write(before);
        }
      }),
  };
}

/** Where in the schedules a program runs, and what runs before it in the same step. */
function placeInStep(
  { steps, views }: LevelHarness,
  training: StepTraining,
  program: StepProgram,
): { readonly clock: number; readonly lead: readonly StepProgram[] } {
  for (const step of [1, ...fewSteps(training, steps)]) {
    const programs = programsAt(training, { step, steps, images: views.count });
    const at = programs.indexOf(program);
    if (at >= 0) return { clock: step, lead: training.order ? programs.slice(0, at) : [] };
  }
  return { clock: 1, lead: [] };
}

/** What a config can ask for: coarse images that the levels below have drawn, all of a batch perhaps. */
function takesGenerated({ withTrainer }: LevelHarness, training: StepTraining): LevelCheck {
  const change = (given: TensorValues): TensorValues =>
    Object.fromEntries(
      Object.entries(given).map(([name, value]) => [
        name,
        name.endsWith('.paired') ? { ...value, data: value.data.map(() => 0) } : value,
      ]),
    );
  return {
    title: 'counts a step on coarse images none of which is paired with its image',
    run: () =>
      withTrainer(training, async (trainer) => {
        for (const { finite } of await trainer.step(0, { change }))
          expect(finite, "'finite'").toBe(1);
        expect(notFinite(await trainer.read()), 'tensors that are not finite').toEqual([]);
      }),
  };
}

function learns({ steps, lowers, withTrainer }: LevelHarness, training: StepTraining): LevelCheck {
  const judge = async (
    trainer: LevelTrainer,
    state: TensorValues,
  ): Promise<Map<string, number>> => {
    const sums = new Map<string, number>();
    for (const step of JUDGED) {
      await trainer.write(state);
      for (const values of await trainer.step(step, { clock: 0 }))
        for (const [name, value] of Object.entries(values))
          sums.set(name, (sums.get(name) ?? 0) + value);
    }
    return sums;
  };
  const promise = lowers.length > 0 ? `lowers ${lowers.join(', ')}` : 'stays finite';
  return {
    title: `${promise} in ${steps} steps on real images`,
    run: () =>
      withTrainer(training, async (trainer, start) => {
        const before = await judge(trainer, start);
        await trainer.write(start);
        for (let step = 0; step < steps; step++)
          for (const { finite } of await trainer.step(step))
            expect(finite, `'finite' of step ${step}`).toBe(1);
        const state = await trainer.read();
        expect(notFinite(state), 'tensors that are not finite').toEqual([]);
        const after = await judge(trainer, state);
        for (const name of lowers) {
          expect(before.has(name), `an output '${name}'`).toBe(true);
          expect(after.get(name), `'${name}' after training`).toBeLessThan(before.get(name)!);
        }
      }),
  };
}

function spoilt(inputs: TensorValues, name: string): TensorValues {
  const { dtype, shape, data } = inputs[name]!;
  const changed = data.slice();
  changed[changed.length >> 1] = NaN;
  return { ...inputs, [name]: { dtype, shape, data: changed } };
}
