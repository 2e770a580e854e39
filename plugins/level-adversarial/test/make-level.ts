import type { Level, LevelPlace, Plugin, Size } from '@lapyra/core';

/** A level as a config makes it: options are checked and completed first. */
export async function makeLevel<Input, Output>(
  { plugin }: Plugin<'level', Input, Output>,
  options: Input,
  place: LevelPlace,
): Promise<Level> {
  const checked = await plugin.options['~standard'].validate(options);
  if (checked.issues) throw new Error(checked.issues.map(({ message }) => message).join('; '));
  return plugin.create(checked.value, place);
}

/** The place of one of the levels of an unconditional pyramid. */
export function placeAt(sizes: readonly Size[], index: number, channels: number): LevelPlace {
  return {
    size: sizes[index]!,
    coarse: sizes[index - 1] ?? null,
    channels,
    condition: { kind: 'none' },
    transform: 'box-bilinear',
    pixels: { mean: [127.5, 127.5, 127.5], scale: [64, 64, 64], exact: false },
  };
}
