import { LapyraError } from './error.js';
import type { FeatureNet } from './features.js';
import { nearestName } from './nearest-name.js';
import { type Size, sizeName } from './size.js';

/**
 * Whether a feature net can describe images of this kind by these layers. Whoever takes a net asks before anything is
 * trained; `apply` asks again.
 *
 * @throws {LapyraError} `LAPYRA_FEATURES_LAYER` for a layer that the net does not have, or none at all,
 * `LAPYRA_FEATURES_CHANNELS` for images of other channels, `LAPYRA_FEATURES_SIZE` for images that are too small
 */
export function checkFeatures(
  net: Pick<FeatureNet, 'name' | 'channels' | 'leastSize' | 'layers'>,
  images: { readonly size: Size; readonly channels: number },
  layers: readonly string[],
): void {
  const { name, channels, leastSize } = net;
  const unknown = layers.find((layer) => !net.layers.includes(layer));
  if (unknown !== undefined || layers.length === 0) {
    const near = unknown === undefined ? undefined : nearestName(unknown, net.layers);
    throw new LapyraError(
      'LAPYRA_FEATURES_LAYER',
      `${name}: expected a layer of ${net.layers.join(', ')}, got ${unknown === undefined ? 'none' : `'${unknown}'`}.`,
      near === undefined ? {} : { hint: `Did you mean ${near}?` },
    );
  }
  if (images.channels !== channels) {
    throw new LapyraError(
      'LAPYRA_FEATURES_CHANNELS',
      `${name}: expected images of ${channels} channels, got ${images.channels}.`,
      { hint: 'Use a feature net that was trained on such images.' },
    );
  }
  if (images.size[0] < leastSize[0] || images.size[1] < leastSize[1]) {
    throw new LapyraError(
      'LAPYRA_FEATURES_SIZE',
      `${name}: expected images of at least ${sizeName(leastSize)}, got ${sizeName(images.size)}.`,
      { hint: 'Features of so small an image say nothing: use them at a finer level.' },
    );
  }
}
