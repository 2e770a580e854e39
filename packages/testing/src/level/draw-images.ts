import {
  drawNoiseByImage,
  type Engine,
  type Level,
  type TensorProgram,
  type TensorValue,
  type TensorValues,
} from '@lapyra/core';
import type { TrueViews } from './true-views.js';

/** All that a level's sampler may ask for, for the pictures `first` … `first + count − 1`. */
export function samplerInputs(
  level: Level,
  views: TrueViews,
  first: number,
  count: number,
  seed: number,
): TensorValues {
  const { place, noise } = level;
  const indices = Array.from({ length: count }, (_, at) => first + at);
  const inputs: Record<string, TensorValue> = {};
  if (place.coarse)
    for (const part of ['coarse', 'low'] as const) inputs[part] = views.part(part, indices);
  if (place.condition.kind !== 'none') inputs['condition'] = views.part('condition', indices);
  for (const [name, value] of Object.entries(drawNoiseByImage(noise, first, count, seed, 'noise')))
    inputs[`noise.${name}`] = value;
  return inputs;
}

/**
 * The same inputs under other conditions: of classes the next one, of an embedding its negative. `condition`, and
 * `<draw>.condition` of a step.
 */
export function otherConditions(inputs: TensorValues, { place }: Level): TensorValues {
  const turned = ({ dtype, shape, data }: TensorValue): TensorValue => {
    const width = shape.at(-1)!;
    const other = Float32Array.from(data, (value, at) =>
      place.condition.kind === 'classes'
        ? data[at - (at % width) + ((at + width - 1) % width)]!
        : -value,
    );
    return { dtype, shape, data: other };
  };
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [
      name,
      /(?:^|\.)condition$/.test(name) ? turned(value) : value,
    ]),
  );
}

/** Run a program once for a batch, with those of the inputs that it declares. */
export async function runOnce(
  engine: Engine,
  program: TensorProgram,
  state: TensorValues,
  inputs: TensorValues,
  batch: number,
): Promise<TensorValues> {
  const opened = await engine.open(state);
  try {
    const compiled = await opened.compile(program, batch);
    return await compiled.run(inputsOf(program, inputs));
  } finally {
    await opened.dispose();
  }
}

/** What a level's sampler draws: a band or an image [count, H, W, C]. */
export async function drawImages(
  engine: Engine,
  level: Level,
  state: TensorValues,
  inputs: TensorValues,
  batch: number,
): Promise<TensorValue> {
  const { sampler, output } = level;
  if ('kind' in sampler) {
    const opened = await sampler.open(state, engine);
    try {
      return await opened.sample(inputs);
    } finally {
      await opened.dispose();
    }
  }
  return (await runOnce(engine, sampler, state, inputs, batch))[output]!;
}

/** Those of the inputs that a program declares. */
export function inputsOf(program: TensorProgram, inputs: TensorValues): TensorValues {
  return Object.fromEntries(Object.keys(program.inputs).map((name) => [name, inputs[name]!]));
}
