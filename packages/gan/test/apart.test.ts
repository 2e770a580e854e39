// Real and generated images in passes of their own: batch norm takes the statistics of each kind.
import type { LevelPlace, Resample } from '@lapyra/core';
import { type Adversaries, adversarialTraining, type Network } from '@lapyra/gan';
import { batchNorm } from '@lapyra/nn';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

beforeAll(() => tf.setBackend('cpu'));

const place: LevelPlace = {
  size: [1, 1],
  coarse: null,
  channels: 1,
  condition: { kind: 'none' },
  transform: 'box-bilinear',
  pixels: { mean: [0], scale: [1], exact: true },
};
const weight = { shape: [], role: 'weight', initial: { fill: 0 } } as const;
const norm = batchNorm({ channels: 1, affine: false });

/** Draws its noise; the logit is v times the normalised pixel. */
const generator: Network = {
  state: { w: weight },
  masks: () => ({}),
  wants: [],
  apply: ({ w }, { z }) => tf.reshape(tf.mul(z!, w!), [-1, 1, 1, 1]),
};
const discriminator: Network = {
  state: { v: weight, ...norm.state },
  masks: () => ({}),
  wants: [],
  apply: ({ v, ...state }, { image }, context) =>
    tf.mul(norm.apply(state, tf.reshape(image!, [-1, 1]), context), v!),
};
const nets: Adversaries = {
  place,
  noise: { z: { distribution: 'uniform', shape: [1] } },
  output: 'image',
  generator,
  discriminator,
};
const V = 0.7;
const noResample: Resample = {
  downsample: () => expect.fail('no d is needed'),
  upsample: () => expect.fail('no u is needed'),
};

/** The discriminator's loss, and its new running mean. */
function judged(apart: boolean): number[] {
  const [program] = adversarialTraining(nets, {
    batch: { real: 2, generated: 2, generator: 2 },
    loss: 'cross-entropy',
    optimiser: { kind: 'adam', rate: 1e-3, beta1: 0.5, beta2: 0.9, decayFrom: 0, decayTo: 1 },
    average: 0,
    apart,
  }).programs;
  const given: Record<string, number> = { 'g.w': 1, 'd.v': V, 'd.variance': 1 };
  const state = Object.fromEntries(
    program!.reads.map((name) => [
      name,
      tf.fill(/(mean|variance)$/.test(name) ? [1] : [], given[name] ?? 0),
    ]),
  );
  const column = (...values: number[]): tf.Tensor => tf.tensor2d(values, [values.length, 1]);
  const { outputs, state: next } = program!.run(
    state,
    {
      'real.image': tf.tensor4d([1000, 3000], [2, 1, 1, 1]),
      'judgedNoise.z': column(-7000, -5000),
      'learningNoise.z': column(1, 2),
      rate: tf.scalar(0),
    },
    noResample,
  );
  return [outputs['d']!, next['d.mean']!].map((tensor) => tensor.dataSync()[0]!);
}

const softplus = (x: number): number => Math.log1p(Math.exp(x));

describe('passes of their own', () => {
  it('normalise each kind by itself, and keep the statistics of the real ones', () => {
    // Normalised, either kind is −1 and 1: no discriminator of this form can tell them apart.
    const [loss, mean] = judged(true);
    expect(loss).toBeCloseTo((softplus(V) + softplus(-V)) / 2, 5);
    expect(mean).toBeCloseTo(200, 3); // a tenth of the mean 2000
  });

  it('are not the same as one pass of all', () => {
    // Mean −2000, deviation √(17e6): what is real stands above 0, what is not below.
    const deviation = Math.sqrt(17e6);
    const at = (x: number): number => (V * (x + 2000)) / deviation;
    const [loss, mean] = judged(false);
    const real = (softplus(-at(1000)) + softplus(-at(3000))) / 2;
    const fake = (softplus(at(-7000)) + softplus(at(-5000))) / 2;
    expect(loss).toBeCloseTo((real + fake) / 2, 5);
    expect(mean).toBeCloseTo(-200, 3);
  });
});
