import type { FeatureNet, Tensors } from '@lapyra/core';
import '@lapyra/nn'; // registers the gradients
import { float32 } from '@lapyra/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { featuresChecks } from '../src/features-conformance.js';
import { eagerEngine } from './eager-engine.js';

/** Two layers: the colours as they are weighted, and their means, which score three classes. */
function net(replaced: Partial<FeatureNet> = {}): FeatureNet {
  return {
    name: 'colours',
    channels: 3,
    leastSize: [4, 4],
    layers: ['weighted', 'means'],
    classifier: { layer: 'means', classes: ['red', 'green', 'blue'] },
    weights: { weight: float32([3], [0.5, 1, 2]) },
    apply: (weights, pixels, layers) => picked(describedBy(weights, pixels), layers),
    ...replaced,
  };
}

function describedBy({ weight }: Tensors, pixels: tf.Tensor): Tensors {
  const weighted = tf.mul(pixels, weight!);
  return { weighted, means: tf.mean(weighted, [1, 2]) };
}

function picked(all: Tensors, layers: readonly string[]): Tensors {
  return Object.fromEntries(layers.map((layer) => [layer, all[layer]!]));
}

const titles = [
  'names its layers once each, and has finite weights',
  'describes images of its least size and larger ones, each layer of each image',
  'describes an image whatever else is in its batch, and a layer whatever else is asked for',
  'lets a gradient reach the pixels from each layer',
];

async function failing(replaced: Partial<FeatureNet>): Promise<string[]> {
  const failed: string[] = [];
  for (const { title, run } of featuresChecks({ create: () => net(replaced) }, eagerEngine)) {
    try {
      await run();
    } catch {
      failed.push(title);
    }
  }
  return failed;
}

/** A net that describes otherwise. */
function describing(other: (all: Tensors, pixels: tf.Tensor) => Tensors): Partial<FeatureNet> {
  return {
    apply: (weights, pixels, layers) => picked(other(describedBy(weights, pixels), pixels), layers),
  };
}

describe('checks of feature nets', () => {
  it('find nothing wrong with a net that is right', async () => {
    expect(await failing({})).toEqual([]);
  });

  it.each<[string, readonly number[], Partial<FeatureNet>]>([
    ['a classifier without its layer', [0, 1], { classifier: { layer: 'out', classes: ['a'] } }],
    ['a weight that is not finite', [0, 1, 3], { weights: { weight: float32([3], [1, 1, NaN]) } }],
    ['another number of classes', [1], { classifier: { layer: 'means', classes: ['a', 'b'] } }],
    [
      'a layer that looks at the whole batch',
      [2],
      describing((all) => ({ ...all, means: tf.sub(all['means']!, tf.mean(all['means']!)) })),
    ],
    [
      'layers that were not asked for',
      [2],
      { apply: (weights, pixels) => describedBy(weights, pixels) },
    ],
    [
      'a layer that no gradient leaves',
      [3],
      describing((all) => ({ ...all, means: tf.round(all['means']!) })),
    ],
    [
      'a layer that is the same for all images',
      [1, 3],
      describing((all) => ({ ...all, means: tf.zerosLike(all['means']!) })),
    ],
    [
      'larger images that are refused',
      [1],
      {
        apply: (weights, pixels, layers) => {
          if (pixels.shape[1] !== 4) throw new Error('4×4 alone');
          return picked(describedBy(weights, pixels), layers);
        },
      },
    ],
  ])('find %s', async (_, expected, replaced) => {
    expect(await failing(replaced)).toEqual(expected.map((at) => titles[at]));
  });
});
