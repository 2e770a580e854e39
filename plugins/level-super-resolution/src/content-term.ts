import { checkFeatures, type FeatureNet, type LevelPlace } from '@lapyra/core';
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
  checkFeatures(net, place, [layer]);
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
