// What a discriminator is shown: each change by hand, its gradient, and the compiler.
import {
  type AugmentationOptions,
  differentiableAugmentation,
  inference,
  paperAugmentation,
  valueAndGrads,
} from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { compiled } from './compiled.js';
import { expectClose, finiteDifferences, seeded, values } from './numbers.js';

beforeAll(() => tf.setBackend('cpu'));

function changed(
  options: AugmentationOptions,
  x: tf.Tensor,
  masks: Readonly<Record<string, tf.Tensor>>,
): tf.Tensor {
  return differentiableAugmentation(options).apply({}, x, { training: true, masks, updates: null });
}

const colour = (...random: number[]): tf.Tensor => tf.tensor(random, [random.length, 1, 1, 1]);
const grid = tf.reshape(tf.range(1, 17), [1, 4, 4, 1]); // rows 1…4, 5…8, 9…12, 13…16

describe('differentiableAugmentation', () => {
  it('asks for random numbers for the changes that it makes', () => {
    expect(differentiableAugmentation({ brightness: 1, cutout: 0.5 }).masks(3)).toEqual({
      brightness: { shape: [3, 1, 1, 1], distribution: 'uniform' },
      cutout: { shape: [3, 2], distribution: 'uniform' },
    });
    expect(Object.keys(differentiableAugmentation(paperAugmentation).masks(1))).toEqual([
      'brightness',
      'saturation',
      'contrast',
      'translation',
      'cutout',
    ]);
    expect(differentiableAugmentation({}).masks(2)).toEqual({});
  });

  it('adds one number to an image', () => {
    const x = tf.tensor4d([1, 2, 3, 4], [2, 1, 1, 2]);
    const y = changed({ brightness: 0.5 }, x, { brightness: colour(0, 0.75) });
    expect(values(y)).toEqual([0.5, 1.5, 3.25, 4.25]);
  });

  it('moves colours from and to their grey', () => {
    const x = tf.tensor4d([1, 2, 6, 1, 2, 6, 1, 2, 6], [3, 1, 1, 3]); // grey is 3
    const y = changed({ saturation: 1 }, x, { saturation: colour(0, 0.5, 0.75) });
    expect(values(y)).toEqual([3, 3, 3, 1, 2, 6, 0, 1.5, 7.5]);
  });

  it('moves values from and to the mean of the image', () => {
    const x = tf.tensor4d([0, 2, 4, 6], [1, 2, 2, 1]); // mean 3
    const y = changed({ contrast: 0.5 }, x, { contrast: colour(0) });
    expect(values(y)).toEqual([1.5, 2.5, 3.5, 4.5]);
  });

  it.each([
    // A quarter of 4 is one pixel: a third of the numbers each shifts by −1, 0 and 1.
    [
      [0, 0.5],
      [0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    ], // y[i] = x[i − 1]
    [
      [0.5, 0.9],
      [2, 3, 4, 0, 6, 7, 8, 0, 10, 11, 12, 0, 14, 15, 16, 0],
    ], // y[j] = x[j + 1]
    [
      [0.99, 0],
      [0, 5, 6, 7, 0, 9, 10, 11, 0, 13, 14, 15, 0, 0, 0, 0],
    ],
    [[0.34, 0.66], values16()],
  ])('shifts by whole pixels, zeros moving in: %o', (random, wanted) => {
    const y = changed({ translation: 0.25 }, grid, { translation: tf.tensor2d(random, [1, 2]) });
    expect(values(y)).toEqual(wanted);
  });

  it.each([
    // Half of 4 is two pixels; the corner is drawn from −1 to 3.
    [
      [0, 0],
      [0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
    ],
    [
      [0.5, 0.5],
      [1, 2, 3, 4, 5, 0, 0, 8, 9, 0, 0, 12, 13, 14, 15, 16],
    ],
    [
      [0.99, 0.3],
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 0, 15, 16],
    ],
  ])('cuts a rectangle out: %o', (random, wanted) => {
    const y = changed({ cutout: 0.5 }, grid, { cutout: tf.tensor2d(random, [1, 2]) });
    expect(values(y)).toEqual(wanted);
  });

  it('draws shifts that are each as probable as the others', () => {
    const counts = new Map<number, number>();
    const draws = Array.from({ length: 300 }, (_, i) => (i + 0.5) / 300);
    const one = tf.tensor4d([0, 0, 1, 0, 0], [1, 5, 1, 1]);
    const x = tf.tile(one, [300, 1, 1, 1]);
    const translation = tf.tensor2d(draws.map((draw) => [draw, 0]));
    const y = tf.argMax(changed({ translation: 0.2 }, x, { translation }), 1);
    for (const place of values(y)) counts.set(place, (counts.get(place) ?? 0) + 1);
    expect([...counts].sort(([a], [b]) => a - b)).toEqual([
      [1, 100],
      [2, 100],
      [3, 100],
    ]);
  });

  it('changes images one by one, and rows and columns of their own', () => {
    const x = tf.concat([grid, grid], 0);
    const translation = tf.tensor2d([0.5, 0.5, 0, 0.5], [2, 2]);
    const y = values(changed({ translation: 0.25 }, x, { translation }));
    expect(y.slice(0, 16)).toEqual(values16());
    expect(y.slice(16)).toEqual([0, 0, 0, 0, ...values16().slice(0, 12)]);
  });

  it('shifts images that are not square and have colours', () => {
    const x = tf.reshape(tf.range(0, 12), [1, 2, 3, 2]);
    const translation = tf.tensor2d([0.9, 0.9], [1, 2]);
    const y = changed({ translation: 0.4 }, x, { translation }); // by one pixel each
    expect(values(y)).toEqual([8, 9, 10, 11, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('passes images on in passes that are not training', () => {
    const module = differentiableAugmentation(paperAugmentation);
    expect(values(module.apply({}, grid, inference))).toEqual(values16());
  });

  const random = {
    brightness: colour(0.2, 0.7),
    saturation: colour(0.9, 0.1),
    contrast: colour(0.3, 0.6),
    translation: tf.tensor2d([0.1, 0.9, 0.6, 0.4], [2, 2]),
    cutout: tf.tensor2d([0.2, 0.7, 0.9, 0.5], [2, 2]),
  };
  const strong = { ...paperAugmentation, translation: 0.3 };

  it('has the gradient of finite differences, all changes together', () => {
    const x = seeded([2, 4, 3, 2], 1);
    const loss = (at: tf.Tensor): tf.Tensor =>
      tf.sum(tf.mul(tf.square(changed(strong, at, random)), seeded([2, 4, 3, 2], 2)));
    const { gradients } = valueAndGrads((given) => loss(given['x']!), { x });
    expectClose(gradients['x'], finiteDifferences(loss, x), 2e-3);
  });

  it('runs compiled as it runs eagerly, gradient and all', async () => {
    const step = ({
      x,
      ...masks
    }: Readonly<Record<string, tf.Tensor>>): Record<string, tf.Tensor> => {
      const { aux, gradients } = valueAndGrads(
        (given) => {
          const y = changed(strong, given['x']!, masks);
          return { loss: tf.sum(tf.square(y)), aux: { y } };
        },
        { x: x! },
      );
      return { y: aux['y']!, gradient: gradients['x']! };
    };
    const inputs = { x: seeded([2, 6, 5, 3], 3), ...random };
    const eager = step(inputs);
    for (const [name, value] of Object.entries(await compiled(step, inputs)))
      expectClose(eager[name], value);
  });

  it('passes on a NaN among its random numbers, so that the step is dropped', () => {
    for (const name of ['translation', 'cutout'] as const) {
      const y = changed({ [name]: 0.5 }, grid, { [name]: tf.tensor2d([NaN, 0.5], [1, 2]) });
      expect(values(y).some(Number.isNaN)).toBe(true);
    }
  });

  it('refuses strengths out of range, and a pass without its numbers', () => {
    const code = expect.objectContaining({ code: 'LAPYRA_NN_OPTION' });
    expect(() => differentiableAugmentation({ saturation: 1.5 })).toThrow(code);
    expect(() => differentiableAugmentation({ translation: 1 })).toThrow(code);
    expect(() => differentiableAugmentation({ brightness: -1 })).toThrow(
      'differentiableAugmentation: expected brightness ≥ 0, saturation and contrast in [0, 1], translation and cutout in [0, 1), got {"brightness":-1}.',
    );
    expect(() => changed({ cutout: 0.5 }, grid, {})).toThrow(
      "differentiableAugmentation: expected a tensor 'cutout', got none.",
    );
  });
});

function values16(): number[] {
  return Array.from({ length: 16 }, (_, i) => i + 1);
}
