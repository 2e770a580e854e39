import type { ConditionSpec, Level, LevelPlace, Size } from '@lapyra/core';
import { diffusion, type DiffusionInput } from '@lapyra/level-diffusion';

/** A level as a config makes it: options are checked and completed first. */
export async function makeLevel(options: DiffusionInput, place: LevelPlace): Promise<Level> {
  const { plugin } = diffusion;
  const checked = await plugin.options['~standard'].validate(options);
  if (checked.issues) throw new Error(checked.issues.map(({ message }) => message).join('; '));
  return plugin.create(checked.value, place);
}

/** The place of one of the levels of a pyramid. */
export function placeAt(
  sizes: readonly Size[],
  index: number,
  channels: number,
  condition: ConditionSpec = { kind: 'none' },
): LevelPlace {
  const of = <T>(value: T): T[] => Array.from({ length: channels }, () => value);
  return {
    size: sizes[index]!,
    coarse: sizes[index - 1] ?? null,
    channels,
    condition,
    transform: 'box-bilinear',
    pixels: { mean: of(127.5), scale: of(64), exact: false },
  };
}
