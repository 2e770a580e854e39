// Three steps of small levels against PyTorch (fixtures/make-steps.py): which images, noise and masks go where, the order of
// the updates, dampened momentum, running statistics and averages.
import { readFileSync } from 'node:fs';
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import {
  elementCount,
  initialState,
  type Level,
  type StepTraining,
  type TensorProgram,
  type TensorValue,
  type TensorValues,
} from '@lapyra/core';
import { dense, refine } from '@lapyra/level-adversarial';
import {
  expectClose,
  expectCloseInNorm,
  float32,
  makeLevel,
  placeAt,
  spread,
} from '@lapyra/testing';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { expect, it } from 'vitest';

const transform = await boxBilinear.plugin.create({}, undefined);

interface Run {
  readonly losses: readonly Readonly<Record<string, number>>[];
  readonly state: Readonly<Record<string, readonly number[]>>;
}

const runs = JSON.parse(
  readFileSync(new URL('fixtures/steps.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, Run>>;
const batch = { real: 2, generated: 3, generator: 4 };
const rate = 0.02;

const levels: Readonly<Record<string, () => Promise<Level>>> = {
  'refine as in the paper': () =>
    makeLevel(
      refine,
      { width: 3, batch },
      placeAt(
        [
          [8, 8],
          [14, 14],
        ],
        1,
      ),
    ),
  'refine with options': () =>
    makeLevel(
      refine,
      {
        width: 4,
        batch,
        generator: { kernels: [3, 5], batchNorm: true },
        discriminator: {
          layers: [{ kernel: 4, stride: 2, padding: 1, planes: 5 }],
          activation: 'leakyRelu',
          dropout: 0,
        },
        optimiser: { kind: 'adam', rate },
        average: 0.9,
        pixelLoss: 3,
      },
      placeAt(
        [
          [3, 3],
          [6, 6],
        ],
        1,
      ),
    ),
  'dense as in the paper': () =>
    makeLevel(
      dense,
      { noise: 5, batch, generator: { hidden: [7, 6] }, discriminator: { hidden: [6, 5] } },
      placeAt([[3, 3]], 0),
    ),
};

it.each(Object.keys(levels))('%s: three steps agree with PyTorch', async (name) => {
  const level = await levels[name]!();
  const training = level.training as StepTraining;
  const { losses, state: expected } = runs[name]!;
  const program = asTensorProgram(training, level);
  const engine = await (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
  const state = await engine.open(startOf(training));
  const compiled = await state.compile(program);
  for (const [step, wanted] of losses.entries()) {
    const got = await compiled.run(inputsOf(program, step));
    expect(Object.keys(got).toSorted()).toEqual([...Object.keys(wanted), 'finite'].toSorted());
    for (const [loss, value] of Object.entries(wanted))
      expectClose(got[loss]!, [value], { relative: 1e-5 });
  }
  const reached = await state.read();
  await engine.dispose();
  // All but what counts whether there is a velocity yet, and Adam's moments.
  const left = Object.keys(reached).filter((tensor) => !(tensor in expected));
  expect(
    left.filter((tensor) => !/^optimiser\.[dg]\.(moving|mass[12]|[mv]\.)/.test(tensor)),
  ).toEqual([]);
  for (const [tensor, values] of Object.entries(expected))
    expectCloseInNorm(reached[tensor]!, values, { relative: 2e-5, absolute: 2e-6 });
});

/** Weights as the script draws them; all else as declared, with averages beginning at the weights. */
function startOf({ state }: StepTraining): TensorValues {
  const weights = Object.entries(state).filter(([, { role }]) => role === 'weight');
  const drawn = Object.fromEntries(
    weights.map(([name, { shape }], at): [string, TensorValue] => [
      name,
      float32(
        shape,
        spread(elementCount(shape), 1 + at).map((value) => 0.4 * value),
      ),
    ]),
  );
  const copies = Object.entries(state).flatMap(([name, { initial }]) =>
    'copy' in initial ? [[name, drawn[initial.copy]!] as const] : [],
  );
  return { ...initialState(state, 1, 'any'), ...drawn, ...Object.fromEntries(copies) };
}

function asTensorProgram({ programs }: StepTraining, { place, noise }: Level): TensorProgram {
  const [program, ...others] = programs;
  expect(others).toEqual([]);
  const { name, draws, random, scalars, reads, writes, outputs, run } = program!;
  const shapes: Record<string, readonly number[]> = {};
  for (const [draw, { count, of }] of Object.entries(draws))
    for (const part of of)
      shapes[`${draw}.${part}`] =
        part === 'paired' ? [count] : [count, ...place.size, place.channels];
  for (const [draw, count] of Object.entries(program!.noise))
    shapes[`${draw}.z`] = [count, ...noise['z']!.shape];
  for (const [input, { shape }] of Object.entries(random)) shapes[input] = shape;
  for (const scalar of scalars) shapes[scalar] = [];
  return {
    name,
    reads,
    writes,
    inputs: Object.fromEntries(
      Object.entries(shapes).map(([input, shape]) => [input, { dtype: 'float32', shape }]),
    ),
    outputs: Object.fromEntries(outputs.map((output) => [output, 'float32'])),
    run: (state, inputs) => run(state, inputs, transform.tensor),
  };
}

/** Seeds of the script, by input. */
const seeds: Readonly<Record<string, number>> = {
  'real.image': 10,
  'judgedNoise.z': 20,
  'others.low': 30,
  'judging.d.drop.mask': 40,
  'judging.d.drop1.mask': 40,
  'judging.d.drop2.mask': 41,
  'learningNoise.z': 50,
  'learning.low': 60,
  'learning.band': 70,
  'fooling.d.drop.mask': 80,
  'fooling.d.drop1.mask': 80,
  'fooling.d.drop2.mask': 81,
};

function inputsOf({ inputs }: TensorProgram, step: number): TensorValues {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, spec]) => {
      const shape = spec.shape.map((side) => side!);
      // Every coarse image is that of its picture.
      if (name === 'learning.paired')
        return [name, float32(shape, new Float32Array(shape[0]!).fill(1))];
      if (name === 'rate') return [name, float32([], [rate])];
      if (name === 'momentum') return [name, float32([], [0.5 + 0.1 * step])];
      expect(seeds, 'inputs that the script draws').toHaveProperty([name]);
      const values = spread(elementCount(shape), 1000 * (step + 1) + seeds[name]!);
      const masks = name.endsWith('.mask');
      return [name, float32(shape, masks ? values.map((value) => (value >= 0 ? 2 : 0)) : values)];
    }),
  );
}
