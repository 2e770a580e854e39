import type { ConditionSpec, Level, LevelPlace, Size } from '@lapyra/core';
import { autoregressive, type AutoregressiveInput } from '@lapyra/level-autoregressive';
import { makeLevel as make, placeAt as at } from '@lapyra/testing';

/** A level as a config makes it: options are checked and completed first. */
export function makeLevel(options: AutoregressiveInput, place: LevelPlace): Promise<Level> {
  return make(autoregressive, options, place);
}

/** The place of one of the levels of a pyramid whose pixels have a scale by channel. */
export function placeAt(
  sizes: readonly Size[],
  index: number,
  channels: number,
  condition: ConditionSpec = { kind: 'none' },
): LevelPlace {
  const of = <T>(value: T): T[] => Array.from({ length: channels }, () => value);
  return at(sizes, index, {
    channels,
    condition,
    pixels: { mean: of(127.5), scale: of(64), exact: true },
  });
}
