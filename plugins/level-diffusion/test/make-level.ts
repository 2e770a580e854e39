import type { ConditionSpec, Level, LevelPlace, Size } from '@lapyra/core';
import { diffusion, type DiffusionInput } from '@lapyra/level-diffusion';
import { makeLevel as make, placeAt as at } from '@lapyra/testing';

/** A level as a config makes it: options are checked and completed first. */
export function makeLevel(options: DiffusionInput, place: LevelPlace): Promise<Level> {
  return make(diffusion, options, place);
}

/** The place of one of the levels of a pyramid. */
export function placeAt(
  sizes: readonly Size[],
  index: number,
  channels: number,
  condition: ConditionSpec = { kind: 'none' },
): LevelPlace {
  return at(sizes, index, { channels, condition });
}
