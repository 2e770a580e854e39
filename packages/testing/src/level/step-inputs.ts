// What a step is given, made from (seed, level, step, program, name) as a training run makes it, but for the pictures:
// here they come taken apart, so that nothing stands between the test and the level's own program.
import {
  conditionWidth,
  type Draw,
  drawNoise,
  type DrawPart,
  elementCount,
  type InputSpec,
  type Level,
  type LevelPlace,
  type RandomInput,
  type RandomStream,
  randomStream,
  type Resample,
  sizeName,
  type StepClock,
  type StepProgram,
  type StepTraining,
  type TensorProgram,
  type TensorValue,
  type TensorValues,
} from '@lapyra/core';
import { float32 } from '../tensor-values.js';
import type { TrueViews } from './true-views.js';

/** A step program as an engine takes it: its parts, noise, random numbers and scalars are float32 inputs. */
export function stepTensorProgram(
  program: StepProgram,
  { place, noise }: Level,
  resample: Resample,
): TensorProgram {
  const shapes: [string, readonly number[]][] = [
    ...Object.entries(program.draws).flatMap(([draw, { count, of }]) =>
      of.map((part): [string, readonly number[]] => [
        `${draw}.${part}`,
        [count, ...partShape(part, place)],
      ]),
    ),
    ...Object.entries(program.noise).flatMap(([draw, count]) =>
      Object.entries(noise).map(([name, { shape }]): [string, readonly number[]] => [
        `${draw}.${name}`,
        [count, ...shape],
      ]),
    ),
    ...Object.entries(program.random).map(([name, { shape }]): [string, readonly number[]] => [
      name,
      shape,
    ]),
    ...program.scalars.map((name): [string, readonly number[]] => [name, []]),
  ];
  return {
    name: program.name,
    reads: program.reads,
    writes: program.writes,
    inputs: Object.fromEntries(
      shapes.map(([name, shape]): [string, InputSpec] => [name, { dtype: 'float32', shape }]),
    ),
    outputs: Object.fromEntries(program.outputs.map((name) => [name, 'float32'])),
    run: (state, inputs) => program.run(state, inputs, resample),
  };
}

export interface StepInputsOptions {
  readonly level: Level;
  readonly training: StepTraining;
  readonly views: TrueViews;
  readonly seed: number;
  readonly clock: StepClock;
  /** What beside the seed the random numbers hang on. */
  readonly key: readonly (string | number)[];
}

/** The inputs of {@link stepTensorProgram}. */
export function stepInputs(program: StepProgram, options: StepInputsOptions): TensorValues {
  const { level, training, views, clock } = options;
  const key = [options.seed, sizeName(level.place.size), ...options.key, program.name];
  const inputs: Record<string, TensorValue> = {};
  const drawn: Record<string, Int32Array> = {};
  for (const [name, draw] of dependentLast(program.draws)) {
    const stream = randomStream(...key, 'draw', name);
    const indices = drawIndices(stream, draw, views, drawn[draw.unlike ?? '']);
    drawn[name] = indices;
    for (const part of draw.of) inputs[`${name}.${part}`] = views.part(part, indices);
  }
  for (const [name, count] of Object.entries(program.noise))
    for (const [noise, value] of Object.entries(
      drawNoise(level.noise, count, ...key, 'noise', name),
    ))
      inputs[`${name}.${noise}`] = value;
  for (const [name, random] of Object.entries(program.random))
    inputs[name] = drawRandom(randomStream(...key, 'random', name), random);
  for (const name of program.scalars)
    inputs[name] = float32([], [training.scalars[name]!.at(clock)]);
  return inputs;
}

function partShape(part: DrawPart, { size, coarse, channels, condition }: LevelPlace): number[] {
  if (part === 'condition') return [conditionWidth(condition)];
  if (part === 'paired') return [];
  return [...(part === 'coarse' ? coarse! : size), channels];
}

function dependentLast(draws: StepProgram['draws']): [string, Draw][] {
  const all = Object.entries(draws);
  const depends = ([, { unlike }]: [string, Draw]): boolean => unlike !== undefined;
  return [...all.filter((draw) => !depends(draw)), ...all.filter(depends)];
}

/** Pictures with replacement; where they must be of other classes than `others`, drawn again until they are. */
function drawIndices(
  stream: RandomStream,
  { count }: Draw,
  { count: images, classes }: TrueViews,
  others: Int32Array | undefined,
): Int32Array {
  const indices = stream.integers(count, images);
  if (!others) return indices;
  return indices.map((first, at) => {
    let index = first;
    for (let round = 0; classes[index] === classes[others[at]!] && round < 1000; round++)
      [index = first] = stream.integers(1, images);
    return index;
  });
}

function drawRandom(stream: RandomStream, { shape, distribution }: RandomInput): TensorValue {
  const count = elementCount(shape);
  if (distribution === 'uniform') return float32(shape, stream.uniform(count));
  if (distribution === 'normal') return float32(shape, stream.normal(count));
  return float32(shape, stream.keep(count, distribution.keep));
}
