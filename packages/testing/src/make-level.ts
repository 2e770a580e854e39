import type { Level, LevelPlace, Plugin, Size } from '@lapyra/core';

/**
 * A level as a config makes it: options are checked and completed first.
 *
 * @param parts what options name that are descriptors of other plugins, made: `{ features: … }`
 * @throws {Error} with what is wrong with the options; whatever the plugin throws
 */
export async function makeLevel<Input, Output>(
  { plugin }: Plugin<'level', Input, Output>,
  options: Input,
  place: LevelPlace,
  parts: Readonly<Record<string, unknown>> = {},
): Promise<Level> {
  const checked = await plugin.options['~standard'].validate(options);
  if (checked.issues) throw new Error(checked.issues.map(({ message }) => message).join('; '));
  return plugin.create(checked.value, place, parts);
}

/** The place of level `index` of a pyramid: three channels, no condition, box-bilinear, unless `other` says otherwise. */
export function placeAt(
  sizes: readonly Size[],
  index: number,
  other: Partial<Pick<LevelPlace, 'channels' | 'condition' | 'transform' | 'pixels'>> = {},
): LevelPlace {
  const { channels = 3 } = other;
  const all = (value: number): number[] => Array.from({ length: channels }, () => value);
  return {
    size: sizes[index]!,
    coarse: sizes[index - 1] ?? null,
    channels,
    condition: { kind: 'none' },
    transform: 'box-bilinear',
    pixels: { mean: all(127.5), scale: all(64), exact: false },
    ...other,
  };
}
