// The checks of levels, run one by one on a level that may be wrong.
import type { Engine, Level } from '@lapyra/core';
import { readCifar10Fixture } from '@lapyra/testing';
import * as tf from '@tensorflow/tfjs-core';
import { levelChecks } from '../src/level/level-checks.js';
import { levelHarness } from '../src/level/level-harness.js';
import { trueViews } from '../src/level/true-views.js';
import { eagerEngine } from './eager-engine.js';
import { type Replaced, sharpeningLevel, sizes, transform } from './sharpening-level.js';

const images = readCifar10Fixture();

export interface Trial {
  readonly create?: () => Level;
  readonly oracle?: () => Promise<Engine>;
  readonly engine?: Engine;
  readonly conditional?: boolean;
  readonly liveTensors?: () => number;
}

/** Titles of the checks that fail. */
export async function failing(replaced: Replaced, trial: Trial = {}): Promise<string[]> {
  const create = trial.create ?? (() => sharpeningLevel(replaced));
  const level = create();
  const harness = levelHarness({
    level,
    create,
    engine: trial.engine ?? eagerEngine(),
    oracle: trial.oracle ?? (async () => eagerEngine()),
    transform,
    sizes,
    index: 1,
    views: await trueViews(images, level.place, transform.plain, sizes, 1),
    seed: 1,
    steps: 10,
    lowers: ['error'],
    closeness: { relative: 1e-5, absolute: 1e-5 },
    conditional: trial.conditional ?? false,
    liveTensors: trial.liveTensors ?? (() => tf.memory().numTensors),
  });
  const failed: string[] = [];
  for (const { title, run } of levelChecks(harness)) {
    try {
      await run();
    } catch {
      failed.push(title);
    }
  }
  return failed;
}

export const titles = {
  place: 'stands where it was put, and declares nothing that contradicts it',
  again: 'is the same when it is made again',
  map: 'maps each tensor of the sampler to one of the training state, and no others',
  use: 'uses every state tensor that it declares, and writes every weight',
  order: 'has an order of programs, names of its own, and scalars, for every step',
  finite: 'draws a finite band of its size, in batches of 1, 2 and 5',
  batch: 'draws an image whatever else is in its batch',
  nanRow: 'keeps a NaN to the image whose inputs have it',
  drawLeaks: 'leaves no tensors behind when it draws',
  pure: 'draws the same again from the same, and lets its inputs and its state be',
  noise: 'draws otherwise from each tensor of other noise',
  whole: 'gives, as a whole level, what it draws put on the upsampled image below',
  file: 'draws from a file what it draws without, in batches of 1 and 3',
  records: 'records what it declares, and says that its steps count',
  moves: 'moves every weight in 3 steps, and nothing to NaN',
  seed: 'learns the same again from the same seed, and begins otherwise with another',
  deaf: 'moves every weight otherwise on other images and random numbers',
  resumes: 'goes on from a stored state, bit for bit',
  nan: 'does not count a step with a NaN in any input: the state stays, bit for bit',
  lowers: 'lowers error in 10 steps on real images',
  leaks: 'leaves no tensors behind when it learns',
  condition: 'draws each image otherwise under another condition',
  learnsCondition: 'learns otherwise under other conditions',
  generated: 'counts a step on coarse images none of which is paired with its image',
  critic: 'has a critic that judges each refined image by itself',
  networks: 'gives finite features by each layer of its networks, whatever else is in the batch',
  likelihood:
    'tells how probable an image is, whatever else is in its batch: a logarithm of at most 0',
  twice: 'is opened more than once at a time, and what is closed leaves the others be',
  givesBack: 'gives back what it opened in the engine, and leaves the engine to its owner',
  stops: 'tells how far it has drawn, if it tells, and stops when it is told to',
  fits: 'fits itself to the same again from the same seed',
  reads: 'reads only images that there are, and lets them be',
  storable: 'has a state that can be stored',
  stopsFit: 'tells how far its fit is, if it tells, and stops when it is told to',
  oracle: 'has after 5 steps the state that it has on another engine',
} as const;
export type Title = keyof typeof titles;
