import { conditionWidth, type InputSpec, type LevelPlace, type TensorProgram } from '@lapyra/core';
import { inference, scoped, withoutPrefix } from '@lapyra/nn';
import type { Adversaries } from './adversaries.js';
import type { NetworkInput } from './network.js';

/** The sampler: the generator with running statistics. Its state has the generator's names behind `g.`. */
export function adversarialSampler(
  name: string,
  {
    place,
    noise,
    output,
    generator,
  }: Pick<Adversaries, 'place' | 'noise' | 'output' | 'generator'>,
): TensorProgram {
  const g = scoped('g.', generator);
  const inputs: Record<string, InputSpec> = {};
  for (const wanted of generator.wants)
    inputs[wanted] = { dtype: 'float32', shape: [null, ...inputShape(wanted, place)] };
  for (const [key, { shape }] of Object.entries(noise))
    inputs[`noise.${key}`] = { dtype: 'float32', shape: [null, ...shape] };
  return {
    name,
    reads: Object.keys(g.state),
    writes: [],
    inputs,
    outputs: { [output]: 'float32' },
    run: (state, given) => ({
      state: {},
      outputs: {
        [output]: g.apply(state, { ...given, ...withoutPrefix('noise.', given) }, inference),
      },
    }),
  };
}

/** The shape of an input per image. */
function inputShape(input: NetworkInput, place: LevelPlace): readonly number[] {
  if (input === 'condition') return [conditionWidth(place.condition)];
  return [...(input === 'coarse' ? place.coarse! : place.size), place.channels];
}
