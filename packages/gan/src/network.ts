// A level's network takes more than one thing: noise and the image below, an image and a class.
import type { Tensors } from '@lapyra/core';
import { type Module, type ModuleOf, partsThrough } from '@lapyra/nn';
import type { Tensor } from '@tensorflow/tfjs-core';

/** What a level's network may be given of the level's inputs. */
export type NetworkInput = 'coarse' | 'low' | 'condition';

/**
 * A module of several inputs, by name: `coarse` [B, h, w, C], `low` [B, H, W, C] and `condition` [B, width] as far as it
 * wants them; besides these a generator gets its noise by name [B, …], a discriminator `image` [B, H, W, C].
 */
export interface Network extends ModuleOf<Tensors> {
  readonly wants: readonly NetworkInput[];
}

/**
 * A network of one module, and of how its input is made from the named ones:
 * `network(convnet, ['low'], ({ z, low }) => tf.concat([z!, low!], 3))`.
 */
export function network(
  module: Module,
  wants: readonly NetworkInput[],
  input: (inputs: Tensors) => Tensor,
): Network {
  return {
    state: module.state,
    masks: (batch) => module.masks(batch),
    wants,
    apply: (state, inputs, context) => module.apply(state, input(inputs), context),
    ...partsThrough(module, (part) => network(part, wants, input)),
  };
}
