import type { Tensors } from '@lapyra/core';
import { type Module, partsThrough, type StateSpec, withoutPrefix, withPrefix } from '@lapyra/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Network, NetworkInput } from './network.js';

/**
 * A network part of whose input is learned noise: `noisyNetwork(convnet, noise, ['low'], (state, inputs) =>
 * noise.prepend(state, inputs, inputs['low']!))`. What `noisePlanes` or `noiseVector` has to learn stands in the network's
 * state behind `noise.`, and is handed to `input`.
 */
export function noisyNetwork(
  module: Module,
  noise: { readonly state: StateSpec },
  wants: readonly NetworkInput[],
  input: (noiseState: Tensors, inputs: Tensors) => Tensor,
): Network {
  return {
    state: { ...module.state, ...withPrefix('noise.', noise.state) },
    masks: (batch) => module.masks(batch),
    wants,
    apply: (state, inputs, context) =>
      module.apply(state, input(withoutPrefix('noise.', state), inputs), context),
    ...partsThrough(module, (part) => noisyNetwork(part, noise, wants, input)),
  };
}
