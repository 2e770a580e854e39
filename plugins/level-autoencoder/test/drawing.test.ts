// What the samplers make of noise, where the networks are known: all weights 0 but the last biases.
import { tfjsCpu } from '@lapyra/backend-tfjs';
import {
  elementCount,
  initialState,
  type Level,
  type StepTraining,
  type TensorProgram,
  type TensorValues,
} from '@lapyra/core';
import { denoising, variational } from '@lapyra/level-autoencoder';
import { expectClose, float32, makeLevel, placeAt } from '@lapyra/testing';
import { afterAll, expect, it } from 'vitest';

const engine = await (await tfjsCpu.plugin.create({}, undefined)).open();
afterAll(() => engine.dispose());
const place = placeAt([[1, 2]], 0, { channels: 1 });

/** A state in which every tensor is 0, but for what is given. */
function known(level: Level, given: Readonly<Record<string, readonly number[]>>): TensorValues {
  const { state, samplerState } = level.training as StepTraining;
  const start = initialState(state, 1, 'drawing');
  return Object.fromEntries(
    Object.entries(samplerState).map(([name, from]) => {
      const { shape } = start[from]!;
      return [name, float32(shape, given[name] ?? new Array<number>(elementCount(shape)).fill(0))];
    }),
  );
}

async function draw(
  level: Level,
  state: TensorValues,
  noise: Readonly<Record<string, readonly number[]>>,
): Promise<Float32Array> {
  const program = level.sampler as TensorProgram;
  const opened = await engine.open(state);
  const compiled = await opened.compile(program, 1);
  const inputs = Object.entries(program.inputs).map(
    ([name, { shape }]) =>
      [name, float32([1, ...shape.slice(1).map((side) => side!)], noise[name]!)] as const,
  );
  const { image } = await compiled.run(Object.fromEntries(inputs));
  await opened.dispose();
  return Float32Array.from(image!.data);
}

it('variational: the mean that the decoder says, on the scale of the data', async () => {
  const level = await makeLevel(variational, { latent: 2, hidden: [3] }, place);
  const state = known(level, { 'decoder.out.bias': [0.5, -1], 'scale.square': [4] });
  expectClose(await draw(level, state, { 'noise.z': [1, 2] }), [1, -2], { absolute: 1e-6 });
});

it('variational: with grain, as much noise as the decoder leaves', async () => {
  const level = await makeLevel(variational, { latent: 2, hidden: [3], grain: true }, place);
  const state = known(level, {
    'decoder.out.bias': [0.5, -1],
    'decoder.logDeviation': [Math.log(0.1)],
    'scale.square': [4],
  });
  const drawn = await draw(level, state, { 'noise.z': [1, 2], 'noise.grain': [1, -3] });
  expectClose(drawn, [2 * 0.6, 2 * -1.3], { absolute: 1e-6 });
});

it('denoising: a chain of corrupting and restoring, step by step', async () => {
  // A net of one unit for each number: relu(x) and relu(−x), then half of their difference: x/2.
  const level = await makeLevel(denoising, { hidden: [4], chain: 3, corruption: 0.6 }, place);
  const state = known(level, {
    'net.linear1.weight': [1, 0, -1, 0, 0, 1, 0, -1],
    'net.out.weight': [0.5, 0, 0, 0.5, -0.5, 0, 0, -0.5],
    logDeviation: [Math.log(0.8)],
    'scale.square': [9],
  });
  const start = [1, -2];
  const corruption = [
    [1, 0],
    [0.5, -1],
    [-2, 3],
  ];
  let expected = start;
  corruption.forEach((noise, at) => {
    const spread = at === 0 ? 0.6 : Math.hypot(0.6, 0.8); // then also what restoring leaves open
    expected = expected.map((x, i) => (x + spread * noise[i]!) / 2);
  });
  const drawn = await draw(level, state, {
    'noise.start': start,
    'noise.corruption': corruption.flat(),
  });
  expectClose(
    drawn,
    expected.map((x) => 3 * x),
    { absolute: 1e-6 },
  );
});

it('denoising begins with no band above another level', async () => {
  const level = await makeLevel(
    denoising,
    { chain: 2 },
    placeAt(
      [
        [1, 1],
        [2, 2],
      ],
      1,
      { channels: 1 },
    ),
  );
  expect(Object.keys(level.noise)).toEqual(['corruption']);
  expect(level.noise['corruption']!.shape).toEqual([2, 2, 2, 1]);
});

it.each<[object, string]>([
  [{ latent: 0 }, 'Expected >=1 but received 0'],
  [{ beta: 0 }, 'Expected a number above 0'],
  [{ layers: 1 }, 'Expected >=2 but received 1'],
  [{ hidden: [] }, 'length'],
  [{ corruption: 1 }, '"corruption"'],
])('variational refuses the options %j', async (options, said) => {
  await expect(makeLevel(variational, options, place)).rejects.toThrow(said);
});

it.each<[object, string]>([
  [{ chain: 0 }, 'Expected >=1 but received 0'],
  [{ walkback: 1.5 }, 'integer'],
  [{ average: 1 }, 'Expected a number below 1'],
  [{ latent: 4 }, '"latent"'],
])('denoising refuses the options %j', async (options, said) => {
  await expect(makeLevel(denoising, options, place)).rejects.toThrow(said);
});
