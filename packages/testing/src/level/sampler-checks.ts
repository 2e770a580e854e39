import {
  elementCount,
  LapyraError,
  levelProgram,
  type TensorValue,
  type TensorValues,
} from '@lapyra/core';
import { expect } from 'vitest';
import { expectClose } from '../expect-close.js';
import { drawImages, inputsOf, otherConditions, runOnce, samplerInputs } from './draw-images.js';
import type { LevelCheck, LevelHarness } from './level-harness.js';
import { copied, expectSameBits } from './same-bits.js';

/** What a level draws, with a state that has learnt for a few steps. */
export function samplerChecks(harness: LevelHarness): LevelCheck[] {
  const { level, views, seed, closeness, transform } = harness;
  const { place, noise, output, sampler } = level;
  const shape = [...place.size, place.channels];
  const inputs = (first: number, count: number, drawnWith = seed): TensorValues =>
    samplerInputs(level, views, first, count, drawnWith);
  const draw = async (given: TensorValues, batch: number): Promise<TensorValue> =>
    drawImages(harness.engine, level, await harness.samplerState(), given, batch);

  const checks: LevelCheck[] = [
    {
      title: `draws a finite ${output} of its size, in batches of 1, 2 and 5`,
      run: async () => {
        for (const batch of [1, 2, 5]) {
          const drawn = await draw(inputs(0, batch), batch);
          expect(drawn).toMatchObject({ dtype: 'float32', shape: [batch, ...shape] });
          expect(drawn.data.every(Number.isFinite), `finite in a batch of ${batch}`).toBe(true);
        }
      },
    },
    {
      title: 'draws an image whatever else is in its batch',
      run: async () => {
        const whole = (await draw(inputs(0, 5), 5)).data;
        const length = elementCount(shape);
        for (const [first, batch] of [
          [0, 2],
          [3, 2],
          [4, 1],
        ] as const) {
          const part = await draw(inputs(first, batch), batch);
          expectClose(part, whole.slice(first * length, (first + batch) * length), closeness);
        }
      },
    },
    {
      title: 'keeps a NaN to the image whose inputs have it',
      run: async () => {
        const given = inputs(0, 3);
        const sound = (await draw(given, 3)).data;
        let spoilt;
        try {
          spoilt = await draw(withRowOfNaN(given, 1), 3);
        } catch (error) {
          // A sampler on the host may refuse what it cannot work with.
          if ('kind' in sampler && LapyraError.is(error)) return;
          throw error;
        }
        const length = elementCount(shape);
        for (const image of [0, 2]) {
          const [from, to] = [image * length, (image + 1) * length];
          expectClose(spoilt.data.slice(from, to), sound.slice(from, to), closeness);
        }
      },
    },
    {
      title: 'leaves no tensors behind when it draws',
      run: async () => {
        const given = inputs(0, 2);
        await harness.samplerState();
        const before = harness.liveTensors();
        await harness.create();
        expect(harness.liveTensors(), 'tensors after the level was made').toBe(before);
        await draw(given, 2);
        await draw(given, 2);
        expect(harness.liveTensors(), 'tensors in the end').toBe(before);
      },
    },
    {
      title: 'draws the same again from the same, and lets its inputs and its state be',
      run: async () => {
        const given = inputs(0, 2);
        const state = await harness.samplerState();
        const before = { inputs: copied(given), state: copied(state) };
        const [first, second] = [await draw(given, 2), await draw(given, 2)];
        expectSameBits({ drawn: second }, { drawn: first }, 'drawn twice');
        expectSameBits(given, before.inputs, 'inputs after drawing');
        expectSameBits(state, before.state, 'state after drawing');
      },
    },
  ];
  if (Object.keys(noise).length > 0)
    checks.push({
      title: 'draws otherwise from each tensor of other noise',
      run: async () => {
        const given = inputs(0, 2);
        const other = inputs(0, 2, seed + 1);
        const drawn = await draw(given, 2);
        for (const name of Object.keys(noise).map((key) => `noise.${key}`)) {
          const changed = await draw({ ...given, [name]: other[name]! }, 2);
          expect([...changed.data], `drawn from other ${name}`).not.toEqual([...drawn.data]);
        }
      },
    });
  if ('kind' in sampler ? harness.conditional : 'condition' in sampler.inputs)
    checks.push({
      title: 'draws each image otherwise under another condition',
      run: async () => {
        const given = inputs(0, 2);
        const drawn = (await draw(given, 2)).data;
        const other = (await draw(otherConditions(given, level), 2)).data;
        const length = elementCount(shape);
        for (const image of [0, 1]) {
          const part = (data: typeof drawn): number[] => [
            ...data.slice(image * length, (image + 1) * length),
          ];
          expect(part(other), `image ${image}`).not.toEqual(part(drawn));
        }
      },
    });
  const { likelihood } = level;
  if (likelihood)
    checks.push({
      title:
        'tells how probable an image is, whatever else is in its batch: a logarithm of at most 0',
      run: async () => {
        const state = await harness.samplerState();
        const tell = async (first: number, count: number): Promise<TensorValue> => {
          const indices = Array.from({ length: count }, (_, at) => first + at);
          const given = { ...inputs(first, count), image: views.part('image', indices) };
          const read = Object.fromEntries(likelihood.reads.map((name) => [name, state[name]!]));
          const result = await runOnce(
            harness.engine,
            likelihood,
            read,
            inputsOf(likelihood, given),
            count,
          );
          return result['logLikelihood']!;
        };
        const whole = await tell(0, 5);
        expect(whole.shape).toEqual([5]);
        expect(whole.data.every((nats) => Number.isFinite(nats) && nats <= 0)).toBe(true);
        expectClose(await tell(3, 2), whole.data.slice(3), closeness);
      },
    });
  if ('kind' in sampler) return checks;

  const program = levelProgram(level, transform.tensor);
  checks.push({
    title: 'gives, as a whole level, what it draws put on the upsampled image below',
    run: async () => {
      const given = inputs(0, 3);
      const state = await harness.samplerState();
      const drawn = await draw(given, 3);
      const { low } = given;
      const expected =
        output === 'band' ? drawn.data.map((value, at) => value + low!.data[at]!) : drawn.data;
      const { image } = await runOnce(harness.engine, program, state, inputsOf(program, given), 3);
      expectClose(image!, expected, closeness);
    },
  });
  if (harness.engine.export && harness.engine.load)
    checks.push({
      title: 'draws from a file what it draws without, in batches of 1 and 3',
      run: async () => {
        const state = await harness.samplerState();
        const { engine } = harness;
        const model = await engine.load!(await engine.export!(program, state));
        const ports = model.inputs.map(({ name }) => name).toSorted();
        for (const batch of [1, 3]) {
          const given = inputsOf(program, inputs(0, batch));
          expect(ports).toEqual(Object.keys(given).toSorted());
          const { image } = await model.run(given);
          const expected = await runOnce(engine, program, state, given, batch);
          expect(image?.shape).toEqual([batch, ...shape]);
          expectClose(image!, expected['image']!, closeness);
        }
        await model.dispose();
      },
    });
  return checks;
}

/** One image of a batch with NaN in all that it is drawn from. */
function withRowOfNaN(inputs: TensorValues, row: number): TensorValues {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { dtype, shape, data }]) => {
      const length = elementCount(shape.slice(1));
      const spoilt = data.slice().fill(NaN, row * length, (row + 1) * length);
      return [name, { dtype, shape, data: spoilt }];
    }),
  );
}
