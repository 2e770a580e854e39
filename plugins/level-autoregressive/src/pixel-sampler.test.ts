// Passes over all pixels at once against one pixel after the other.
import type { LevelPlace, TensorProgram, TensorValues } from '@lapyra/core';
import { tfjsCpu } from '@lapyra/backend-tfjs';
import { float32 } from '@lapyra/testing';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, expect, it } from 'vitest';
import { moveRight } from './causal-conv.js';
import { pixelSampler } from './pixel-sampler.js';

const place: LevelPlace = {
  size: [1, 5],
  coarse: null,
  channels: 1,
  condition: { kind: 'none' },
  transform: 'box-bilinear',
  pixels: { mean: [0], scale: [1], exact: true },
};

/** Each pixel is twice its left neighbour plus its noise. */
const doubling: TensorProgram = {
  name: 'doubling',
  reads: ['factor'],
  writes: [],
  inputs: {
    values: { dtype: 'float32', shape: [null, 1, 5, 1] },
    'noise.u': { dtype: 'float32', shape: [null, 1, 5, 1] },
  },
  outputs: { values: 'float32' },
  run: ({ factor }, { values, 'noise.u': noise }) => ({
    state: {},
    outputs: { values: tf.add(tf.mul(moveRight(values!), factor!), noise!) },
  }),
};

const engine = await (await tfjsCpu.plugin.create({}, undefined)).open();
afterAll(() => engine.dispose());

const sampler = pixelSampler({ program: doubling, place, toImage: (values) => values });
const inputs = (noise: readonly number[]): TensorValues => ({
  'noise.u': float32([1, 1, 5, 1], noise),
});

it('gives what pixel after pixel would give, and stops when nothing changes any more', async () => {
  const open = await sampler.open({ factor: float32([], [2]) }, engine);
  const reported: number[] = [];
  const work = {
    signal: new AbortController().signal,
    report: ({ done, total }: { done: number; total: number }) => {
      expect(total).toBe(5);
      reported.push(done);
    },
  };
  expect([...(await open.sample(inputs([1, 1, 0, 0, 1]), work)).data]).toEqual([1, 3, 6, 12, 25]);
  expect(reported).toEqual([1, 2, 3, 4, 5, 5]);
  reported.length = 0;
  // Only the last pixel has noise: the second pass changes nothing.
  expect([...(await open.sample(inputs([0, 0, 0, 0, 3]), work)).data]).toEqual([0, 0, 0, 0, 3]);
  expect(reported).toEqual([1, 5]);
  await open.dispose();
});

it('stops between passes when it is told to', async () => {
  const open = await sampler.open({ factor: float32([], [2]) }, engine);
  const stop = new AbortController();
  const passes: number[] = [];
  const sampling = open.sample(inputs([1, 1, 1, 1, 1]), {
    signal: stop.signal,
    report: ({ done }) => {
      passes.push(done);
      if (done === 2) stop.abort(new Error('enough'));
    },
  });
  await expect(sampling).rejects.toThrow('enough');
  expect(passes).toEqual([1, 2]);
  await open.dispose();
});
