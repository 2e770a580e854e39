import { type FeatureNet, LapyraError, type LevelPlace, nearestName, sizeName } from '@lapyra/core';
import type { GeneratorTerm } from '@lapyra/gan';
import { l2 } from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';

/**
 * The content loss: the mean squared distance of feature maps of the drawn and of the true image, as a trained net sees
 * them in their colours. Source: Johnson et al. 2016, Ledig et al. 2017.
 *
 * @throws {LapyraError} `LAPYRA_FEATURES_LAYER` for a layer that the net does not have, `LAPYRA_FEATURES_CHANNELS` and
 * `LAPYRA_FEATURES_SIZE` if it takes other images than the level's
 */
export function contentTerm(
  net: FeatureNet,
  layer: string,
  weight: number,
  place: LevelPlace,
): GeneratorTerm {
  checkLayer(net, layer);
  checkPlace(net, place);
  const { mean, scale } = place.pixels;
  const features = (image: tf.Tensor, weights: Parameters<FeatureNet['apply']>[0]): tf.Tensor =>
    net.apply(weights, tf.add(tf.mul(image, tf.tensor1d([...scale])), tf.tensor1d([...mean])), [
      layer,
    ])[layer]!;
  return {
    name: 'content',
    weight,
    truth: ['image'],
    state: Object.fromEntries(
      Object.entries(net.weights).map(([name, { shape, dtype, data }]) => [
        name,
        { shape, dtype, role: 'frozen', initial: { values: data } },
      ]),
    ),
    loss: ({ image }, truth, weights) =>
      l2(features(image, weights), features(truth['image']!, weights)),
  };
}

function checkLayer({ name, layers }: FeatureNet, layer: string): void {
  if (layers.includes(layer)) return;
  const near = nearestName(layer, layers);
  throw new LapyraError(
    'LAPYRA_FEATURES_LAYER',
    `losses.content.layer: expected a layer of the ${name} (${layers.join(', ')}), got '${layer}'.`,
    near === undefined ? {} : { hint: `Did you mean '${near}'?` },
  );
}

function checkPlace({ name, channels, leastSize }: FeatureNet, place: LevelPlace): void {
  const subject = `superResolve at ${sizeName(place.size)}`;
  const hint = 'Set losses.content.weight to 0, or name another net in features.';
  if (place.channels !== channels)
    throw new LapyraError(
      'LAPYRA_FEATURES_CHANNELS',
      `${subject}: expected images of ${channels} channels for the ${name}, got ${place.channels}.`,
      { hint },
    );
  const [height, width] = place.size;
  if (height < leastSize[0] || width < leastSize[1])
    throw new LapyraError(
      'LAPYRA_FEATURES_SIZE',
      `${subject}: expected images of at least ${sizeName(leastSize)} for the ${name}, got ${sizeName(place.size)}.`,
      { hint },
    );
}
