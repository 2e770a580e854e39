import type { FeatureNet, Level, LevelPlace, Size } from '@lapyra/core';
import { superResolve, type SuperResolveInput } from '@lapyra/level-super-resolution';

/** A level as a config makes it: options are checked and completed first. */
export async function makeLevel(
  options: SuperResolveInput,
  place: LevelPlace,
  features?: FeatureNet,
): Promise<Level> {
  const { plugin } = superResolve;
  const checked = await plugin.options['~standard'].validate(options);
  if (checked.issues) throw new Error(checked.issues.map(({ message }) => message).join('; '));
  return plugin.create(checked.value, place, { features });
}

/** The place of one of the levels of an unconditional pyramid. */
export function placeAt(sizes: readonly Size[], index: number, channels: number): LevelPlace {
  return {
    size: sizes[index]!,
    coarse: sizes[index - 1] ?? null,
    channels,
    condition: { kind: 'none' },
    transform: 'box-bilinear',
    pixels: {
      mean: Array.from({ length: channels }, () => 120),
      scale: Array.from({ length: channels }, () => 60),
      exact: true,
    },
  };
}
