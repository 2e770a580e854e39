import * as tf from '@tensorflow/tfjs-core';
import { expectImages, expectOption, expectTensor } from './expect.js';
import type { Module } from './module.js';

/** How strongly images are changed; 0 leaves a change out. */
export interface AugmentationOptions {
  /** Up to so much is added to or taken from all values of an image, in their own units. @default 0 */
  readonly brightness?: number;
  /** Distances from grey are multiplied by 1 ± so much, in [0, 1]. @default 0 */
  readonly saturation?: number;
  /** Distances from the image's mean are multiplied by 1 ± so much, in [0, 1]. @default 0 */
  readonly contrast?: number;
  /** Shifts by whole pixels of up to this part of the side, in [0, 1), with zeros moving in. @default 0 */
  readonly translation?: number;
  /** Side of the rectangle of zeros, as a part of the image's, in [0, 1). @default 0 */
  readonly cutout?: number;
}

/** The strengths of the paper's policy "color, translation, cutout", which are for images on [−1, 1]. */
export const paperAugmentation: Required<AugmentationOptions> = {
  brightness: 0.5,
  saturation: 1,
  contrast: 0.5,
  translation: 0.125,
  cutout: 0.5,
};

type Change = (images: tf.Tensor4D, random: tf.Tensor) => tf.Tensor4D;

/**
 * Random changes of images [B, H, W, C] through which gradients flow, for what a discriminator sees, real and generated
 * alike: brightness, saturation, contrast, translation, cutout, in this order, drawn for each image alone. In a pass that
 * is not training images pass unchanged. Source: Zhao et al. 2020.
 *
 * Random inputs, uniform on [0, 1), for the changes that are not left out: `brightness`, `saturation`, `contrast` [B, 1, 1,
 * 1], `translation`, `cutout` [B, 2] (rows, columns).
 *
 * @throws {LapyraError} `LAPYRA_NN_OPTION`; in use `LAPYRA_NN_SHAPE`, `LAPYRA_NN_MISSING`
 */
export function differentiableAugmentation(options: AugmentationOptions): Module {
  const { brightness = 0, saturation = 0, contrast = 0, translation = 0, cutout = 0 } = options;
  const subject = 'differentiableAugmentation';
  expectOption(
    subject,
    [brightness, saturation, contrast, translation, cutout].every((value) => value >= 0) &&
      [saturation, contrast].every((value) => value <= 1) &&
      [translation, cutout].every((value) => value < 1),
    'brightness ≥ 0, saturation and contrast in [0, 1], translation and cutout in [0, 1)',
    options,
  );
  const colour = [1, 1, 1];
  const axes = [2];
  const all: readonly (readonly [string, number, readonly number[], Change])[] = [
    ['brightness', brightness, colour, (x, random) => tf.add(x, spread(random, brightness))],
    [
      'saturation',
      saturation,
      colour,
      (x, random) => scaleFrom(tf.mean(x, 3, true), x, tf.add(1, spread(random, saturation))),
    ],
    [
      'contrast',
      contrast,
      colour,
      (x, random) => scaleFrom(tf.mean(x, [1, 2, 3], true), x, tf.add(1, spread(random, contrast))),
    ],
    ['translation', translation, axes, (x, random) => shifted(x, random, translation)],
    ['cutout', cutout, axes, (x, random) => cut(x, random, cutout)],
  ];
  const changes = all.filter(([, strength]) => strength > 0);
  return {
    state: {},
    masks: (batch) =>
      Object.fromEntries(
        changes.map(([name, , shape]) => [
          name,
          { shape: [batch, ...shape], distribution: 'uniform' },
        ]),
      ),
    apply: (_state, x, { training, masks }) => {
      const images = expectImages(subject, x);
      if (!training) return images;
      return changes.reduce(
        (changed, [name, , , change]) => change(changed, expectTensor(subject, masks, name)),
        images,
      );
    },
  };
}

/** Numbers on [0, 1) brought to [−strength, strength). */
function spread(random: tf.Tensor, strength: number): tf.Tensor {
  return tf.mul(tf.sub(tf.mul(random, 2), 1), strength);
}

function scaleFrom(centre: tf.Tensor, x: tf.Tensor4D, factor: tf.Tensor): tf.Tensor4D {
  return tf.add(centre, tf.mul(tf.sub(x, centre), factor));
}

/** A whole number from 0 to count − 1 for each image, [B, 1, 1], from one column of random numbers [B, 2]. */
function drawn(random: tf.Tensor, axis: number, count: number): tf.Tensor {
  const batch = random.shape[0] ?? 0;
  const column = tf.slice(random, [0, axis], [batch, 1]);
  return tf.reshape(tf.floor(tf.mul(column, count)), [batch, 1, 1]);
}

/** y[i, j] = x[i + s, j + t], or 0 where there is none, with s and t of at most `part` of the sides. */
function shifted(x: tf.Tensor4D, random: tf.Tensor, part: number): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const rows = tf.matMul(
    shifts(random, 0, height, part),
    tf.reshape(x, [batch, height, width * channels]),
  ); // [B, H, W·C]
  const turned = tf.transpose(tf.reshape(rows, x.shape), [0, 2, 1, 3]); // [B, W, H, C]
  const columns = tf.matMul(
    shifts(random, 1, width, part),
    tf.reshape(turned, [batch, width, height * channels]),
  ); // [B, W, H·C]
  return tf.transpose(tf.reshape(columns, [batch, width, height, channels]), [0, 2, 1, 3]);
}

/** Matrices [B, side, side] with 1 at (i, i + s): a product shifts rows by s. */
function shifts(random: tf.Tensor, axis: number, side: number, part: number): tf.Tensor {
  const most = Math.floor(side * part + 0.5);
  const shift = tf.sub(drawn(random, axis, 2 * most + 1), most); // [B, 1, 1]
  const positions = places(side);
  const distance = tf.sub(tf.reshape(positions, [1, 1, side]), tf.reshape(positions, [1, side, 1]));
  return orNaN(tf.equal(distance, shift), shift);
}

/** x with zeros in a rectangle of `part` of the sides, whose centre is drawn and may lie at the border. */
function cut(x: tf.Tensor4D, random: tf.Tensor, part: number): tf.Tensor4D {
  const [batch, height, width] = x.shape;
  const rows = tf.reshape(inside(random, 0, height, part), [batch, height, 1, 1]);
  const columns = tf.reshape(inside(random, 1, width, part), [batch, 1, width, 1]);
  return tf.mul(x, tf.sub(1, tf.mul(rows, columns)));
}

/** 1 at the positions [B, 1, side] that a window of `part` of the side covers, else 0. */
function inside(random: tf.Tensor, axis: number, side: number, part: number): tf.Tensor {
  const length = Math.floor(side * part + 0.5);
  const centre = drawn(random, axis, side + 1 - (length % 2)); // [B, 1, 1]
  const place = tf.sub(tf.reshape(places(side), [1, 1, side]), centre);
  const from = -Math.floor(length / 2);
  return orNaN(tf.logicalAnd(tf.greaterEqual(place, from), tf.less(place, from + length)), centre);
}

/** 0, 1, …, side − 1. */
function places(side: number): tf.Tensor {
  return tf.tensor1d(Array.from({ length: side }, (_, place) => place));
}

/** 1 where it is true, else 0; NaN where `from` is, which comparisons would pass over. */
function orNaN(condition: tf.Tensor, from: tf.Tensor): tf.Tensor {
  return tf.add(tf.cast(condition, 'float32'), tf.mul(from, 0));
}
