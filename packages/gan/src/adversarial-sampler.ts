import type { TensorProgram } from '@lapyra/core';
import { inference, scoped, withoutPrefix } from '@lapyra/nn';
import type { Adversaries } from './adversaries.js';
import { networkInputs } from './network-inputs.js';

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
  return {
    name,
    reads: Object.keys(g.state),
    writes: [],
    inputs: networkInputs(generator, place, noise),
    outputs: { [output]: 'float32' },
    run: (state, given) => ({
      state: {},
      outputs: {
        [output]: g.apply(state, { ...given, ...withoutPrefix('noise.', given) }, inference),
      },
    }),
  };
}
