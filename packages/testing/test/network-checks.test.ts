// What the suite says of the networks of a level: one that is right, and some with one fault each.
import type { LevelNetwork, StepTraining, Tensors } from '@lapyra/core';
import { readCifar10Fixture } from '@lapyra/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { levelHarness } from '../src/level/level-harness.js';
import { networkChecks } from '../src/level/network-checks.js';
import { trueViews } from '../src/level/true-views.js';
import { eagerEngine } from './eager-engine.js';
import { sharpeningLevel, sizes, transform } from './sharpening-level.js';

/** A network of one layer. */
function network(layer: (state: Tensors, image: tf.Tensor) => tf.Tensor): LevelNetwork {
  return {
    layers: ['gained'],
    program: () => ({
      name: 'gained',
      reads: ['gain'],
      writes: [],
      inputs: { image: { dtype: 'float32', shape: [null, 4, 4, 3] } },
      outputs: { features: 'float32' },
      run: (state, { image }) => ({ state: {}, outputs: { features: layer(state, image!) } }),
    }),
  };
}

/** Whether the suite lets it pass. */
async function passes(d: LevelNetwork): Promise<boolean> {
  const create = () => sharpeningLevel({ training: { networks: { d } } });
  const level = create();
  const harness = levelHarness({
    level,
    create,
    engine: eagerEngine(),
    oracle: undefined,
    transform,
    sizes,
    index: 1,
    views: await trueViews(readCifar10Fixture(), level.place, transform.plain, sizes, 1),
    seed: 1,
    steps: 10,
    lowers: [],
    closeness: { relative: 1e-5, absolute: 1e-5 },
    conditional: false,
    liveTensors: () => tf.memory().numTensors,
  });
  const checks = networkChecks(harness, level.training as StepTraining);
  expect(checks).toHaveLength(1);
  try {
    await checks[0]!.run();
    return true;
  } catch {
    return false;
  }
}

describe('networkChecks', () => {
  it('let a network pass that sees one image at a time', async () => {
    expect(await passes(network(({ gain }, image) => tf.mul(image, gain!)))).toBe(true);
  });

  it.each([
    ['sees its whole batch', ({ gain }, image) => tf.sub(image, tf.mul(tf.mean(image, 0), gain!))],
    [
      'gives one feature for all images',
      ({ gain }, image) => tf.mul(tf.mean(image, [0, 1, 2]), gain!),
    ],
    ['is not finite', ({ gain }, image) => tf.log(tf.mul(tf.neg(tf.abs(image)), tf.abs(gain!)))],
  ] as [string, (state: Tensors, image: tf.Tensor) => tf.Tensor][])(
    'find one that %s',
    async (_, layer) => {
      expect(await passes(network(layer))).toBe(false);
    },
  );
});
