import { conditionWidth, type InputSpec, type LevelPlace, type NoiseSpec } from '@lapyra/core';
import type { Network, NetworkInput } from './network.js';

/** The inputs of a program that runs a network at its place: what it wants, and noise. */
export function networkInputs(
  { wants }: Pick<Network, 'wants'>,
  place: LevelPlace,
  noise: NoiseSpec,
): Record<string, InputSpec> {
  const inputs: Record<string, InputSpec> = {};
  for (const wanted of wants)
    inputs[wanted] = { dtype: 'float32', shape: [null, ...inputShape(wanted, place)] };
  for (const [key, { shape }] of Object.entries(noise))
    inputs[`noise.${key}`] = { dtype: 'float32', shape: [null, ...shape] };
  return inputs;
}

/** The shape of an input per image. */
function inputShape(input: NetworkInput, place: LevelPlace): readonly number[] {
  if (input === 'condition') return [conditionWidth(place.condition)];
  return [...(input === 'coarse' ? place.coarse! : place.size), place.channels];
}
