import type { InputSpec, LevelNetwork, StepTraining, TensorProgram, Tensors } from '@lapyra/core';
import { inference, type ModuleOf, scoped, withoutPrefix } from '@lapyra/nn';
import type { Adversaries } from './adversaries.js';
import { networkInputs } from './network-inputs.js';

/**
 * Both networks layer by layer, as far as they are made of named parts: `d` sees images; `g` sees what it draws from, and
 * has the weights that it draws with.
 *
 * @param samplerState of the training: the generator's tensors by the sampler's names
 */
export function adversarialNetworks(
  { place, noise, generator, discriminator }: Adversaries,
  samplerState: StepTraining['samplerState'],
): Record<string, LevelNetwork> {
  const drawing = layered('g', generator, networkInputs(generator, place, noise), samplerState);
  if (!discriminator) return drawing;
  const image: InputSpec = { dtype: 'float32', shape: [null, ...place.size, place.channels] };
  const seen = { image, ...networkInputs(discriminator, place, {}) };
  return { ...layered('d', discriminator, seen, {}), ...drawing };
}

/** A network under its name, if it has layers. `stored`: names of tensors in the training state that differ. */
function layered(
  name: string,
  module: ModuleOf<Tensors>,
  inputs: Readonly<Record<string, InputSpec>>,
  stored: Readonly<Record<string, string>>,
): Record<string, LevelNetwork> {
  const { parts, upTo } = scoped(`${name}.`, module);
  if (!parts || !upTo) return {};
  const program = (layer: string): TensorProgram => {
    const part = upTo(layer);
    const tensors = Object.keys(part.state).map((own) => [own, stored[own] ?? own] as const);
    return {
      name: `${name} ${layer}`,
      reads: tensors.map(([, from]) => from),
      writes: [],
      inputs,
      outputs: { features: 'float32' },
      run: (state, given) => {
        const own = Object.fromEntries(tensors.map(([to, from]) => [to, state[from]!]));
        const seen = { ...given, ...withoutPrefix('noise.', given) };
        return { state: {}, outputs: { features: part.apply(own, seen, inference) } }; // [B, …]
      },
    };
  };
  return { [name]: { layers: parts, program } };
}
