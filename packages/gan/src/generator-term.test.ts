import type { LevelPlace, Resample } from '@lapyra/core';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { lowPassTerm, pixelTerm, totalVariationTerm } from './generator-term.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const image = tf.tensor4d([1, 2, 3, 6], [1, 2, 2, 1]);
const low = tf.tensor4d([1, 1, 1, 1], [1, 2, 2, 1]);
const drawn = { output: tf.sub(image, low), image, low };
const resample: Resample = {
  downsample: (x, size) =>
    tf.avgPool(x as tf.Tensor4D, [2, 2], [2 / size[0], 2 / size[1]], 'valid'),
  upsample: (x) => x,
};

const value = (x: tf.Tensor): number => x.dataSync()[0]!;

it('measures the band or the image, squared or absolute', () => {
  const band = tf.tensor4d([0, 0, 0, 1], [1, 2, 2, 1]); // what was drawn: 0, 1, 2, 5
  expect(value(pixelTerm('band', 1).loss(drawn, { band }, {}, resample))).toBe((1 + 4 + 16) / 4);
  const truth = { image: tf.zerosLike(image) };
  expect(
    value(pixelTerm('image', 1, 'l1').loss({ ...drawn, output: image }, truth, {}, resample)),
  ).toBe(3);
});

it('adds up the differences of neighbours, down and across', () => {
  // Down: 2, 4; across: 1, 3.
  expect(value(totalVariationTerm(1).loss(drawn, {}, {}, resample))).toBe(3 + 2);
});

it('compares what was drawn, made small, with the image below', () => {
  const place: LevelPlace = {
    size: [2, 2],
    coarse: [1, 1],
    channels: 1,
    condition: { kind: 'none' },
    transform: 'box-bilinear',
    pixels: { mean: [0], scale: [1], exact: true },
  };
  const term = lowPassTerm(place, 1);
  expect(term.truth).toEqual(['coarse']);
  const coarse = tf.tensor4d([1], [1, 1, 1, 1]);
  expect(value(term.loss(drawn, { coarse }, {}, resample))).toBe(4); // (3 − 1)²
});
