import {
  LapyraError,
  type Level,
  type LevelNetwork,
  nearestName,
  sizeName,
  type StepTraining,
} from '@lapyra/core';

/**
 * A network of a level by its name, and the state that it is part of.
 *
 * @throws {LapyraError} `LAPYRA_REUSE_NETWORK` if the level has none of that name, or one that sees no image
 */
export function networkOf(
  { place, training }: Level,
  name: string,
): { readonly network: LevelNetwork; readonly state: StepTraining['state'] } {
  const { networks = {}, state }: Pick<StepTraining, 'networks' | 'state'> =
    training?.kind === 'steps' ? training : { state: {} };
  const level = `level ${sizeName(place.size)}`;
  const network = networks[name];
  if (!network) {
    const names = Object.keys(networks);
    throw new LapyraError(
      'LAPYRA_REUSE_NETWORK',
      `${level}: expected a network of ${names.join(', ') || 'none'}, got '${name}'.`,
      {
        hint:
          names.length > 0
            ? `Did you mean ${nearestName(name, names) ?? names[0]}?`
            : 'The plugin of this level shows no layers.',
      },
    );
  }
  const { inputs } = network.program(network.layers[0]!);
  if (!['image', 'low', 'coarse'].some((part) => part in inputs)) {
    throw new LapyraError(
      'LAPYRA_REUSE_NETWORK',
      `${level}, network ${name}: expected one that sees an image, got one that sees ${Object.keys(inputs).join(', ')}.`,
      { hint: 'Use the discriminator, d, or a level above another.' },
    );
  }
  return { network, state };
}

/**
 * The layer that is wanted; without a wish the last one that gives a map, or else the last but one.
 *
 * @param shapeOf the shape of what a layer gives of one image
 * @throws {LapyraError} `LAPYRA_REUSE_LAYER` for a layer that the network does not have
 */
export async function layerOf(
  { layers }: LevelNetwork,
  wanted: string | undefined,
  shapeOf: (layer: string) => Promise<readonly number[]>,
): Promise<string> {
  if (wanted === undefined) {
    for (const layer of layers.toReversed()) if ((await shapeOf(layer)).length === 3) return layer; // [h, w, c]
    return layers.at(-2) ?? layers[0]!;
  }
  if (layers.includes(wanted)) return wanted;
  const near = nearestName(wanted, layers);
  throw new LapyraError(
    'LAPYRA_REUSE_LAYER',
    `layer: expected one of ${layers.join(', ')}, got '${wanted}'.`,
    near === undefined ? {} : { hint: `Did you mean ${near}?` },
  );
}
