import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  boxBilinearTransform,
  dewhiten,
  LapyraError,
  type Level,
  type TensorProgram,
} from '@lapyra/core';
import {
  type ImageStore,
  levelLikelihood,
  openImageStore,
  writeImageStore,
} from '@lapyra/training';
import { readLevelImages } from '../src/level-views.js';
import { realImages } from './real-images.js';
import { toyWhitening as whitening } from './toy-data.js';
import { createToyEngine, float, toValue } from './toy-engine.js';

const SIZE = [8, 8] as const;
const DIMENSIONS = 8 * 8 * 3;
const COUNT = 150; // more than are told at once

let root: string;
let store: ImageStore;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'lapyra-likelihood-'));
  await writeImageStore(join(root, 'images.bin'), realImages());
  store = openImageStore(join(root, 'images.bin'), { validation: 200 });
});
afterAll(() => {
  store.close();
  rmSync(root, { recursive: true, force: true });
});

/** Nats = −factor · the first number of the image, squared. */
const likelihood: TensorProgram = {
  name: 'likelihood',
  reads: ['factor'],
  writes: [],
  inputs: { image: { dtype: 'float32', shape: [null, ...SIZE, 3] } },
  outputs: { logLikelihood: 'float32' },
  run: ({ factor }, { image }) => {
    const { shape, data } = toValue(image);
    const nats = Array.from(
      { length: shape[0]! },
      (_, at) => -toValue(factor).data[0]! * data[at * DIMENSIONS]! ** 2,
    );
    return { state: {}, outputs: { logLikelihood: float([shape[0]!], nats) } };
  },
};

function levelWith(change: Pick<Level, 'likelihood'>): Level {
  return {
    place: {
      size: SIZE,
      coarse: null,
      channels: 3,
      condition: { kind: 'none' },
      transform: 'box-bilinear',
      pixels: { mean: [120, 120, 120], scale: [50, 50, 50], exact: true },
    },
    noise: {},
    output: 'image',
    sampler: { kind: 'host', open: () => Promise.reject(new Error('nothing is drawn')) },
    training: null,
    ...change,
  };
}

const frame = {
  transform: boxBilinearTransform,
  whitening,
  job: { sizes: [SIZE, [28, 28] as const], index: 0 },
};
const ask = (
  changes: object = {},
  level = levelWith({ likelihood }),
): ReturnType<typeof levelLikelihood> =>
  levelLikelihood({
    ...frame,
    store,
    level,
    engine: createToyEngine(),
    state: { factor: { dtype: 'float32', shape: [], data: Float32Array.of(5) } },
    split: 'validation',
    count: COUNT,
    ...changes,
  });

it('means over the images, with its standard error, in bits per dimension', async () => {
  const { image } = readLevelImages({ ...frame, store, level: levelWith({}) }, 'validation', [
    ...Array(COUNT).keys(),
  ]);
  const bits = [...Array(COUNT).keys()].map(
    (at) => (5 * image.data[at * DIMENSIONS]! ** 2) / DIMENSIONS / Math.log(2),
  );
  const mean = bits.reduce((a, b) => a + b) / COUNT;
  const deviation = Math.sqrt(bits.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (COUNT - 1));
  const told: string[] = [];
  const found = await ask({
    progress: ({ what, done, total }: { what: string; done: number; total: number }) =>
      told.push(`${what} ${done}/${total}`),
  });
  expect(found.bits).toBeCloseTo(mean, 6);
  expect(found.standardError).toBeCloseTo(deviation / Math.sqrt(COUNT), 6);
  expect(found).toMatchObject({ images: COUNT, dimensions: DIMENSIONS, uniform: 8 });
  expect(told).toEqual([
    'counting pixels 312/312',
    'telling images 100/150',
    'telling images 150/150',
  ]);
});

it('compares with a histogram of each place, counted on the training images', async () => {
  const read = (split: 'train' | 'validation', count: number): Uint8Array =>
    dewhiten(
      readLevelImages({ ...frame, store, level: levelWith({}) }, split, [...Array(count).keys()])
        .image,
      whitening,
    );
  const [train, held] = [read('train', 40), read('validation', COUNT)];
  let sum = 0;
  held.forEach((value, at) => {
    let same = 1;
    for (let place = at % DIMENSIONS; place < train.length; place += DIMENSIONS)
      if (train[place] === value) same += 1;
    sum -= Math.log2(same / (40 + 256));
  });
  const { independent } = await ask({ histogramImages: 40 });
  expect(independent).toBeCloseTo(sum / held.length, 9);
  // 40 images tell little of 256 values; all 312 tell more, and real pixels are not independent of their place.
  expect((await ask()).independent).toBeLessThan(independent);
});

it('refuses levels that know no likelihood, and images that are not there', async () => {
  await expect(ask({}, levelWith({}))).rejects.toThrow(
    'level 8: expected one that knows how probable an image is, got one that only draws.',
  );
  const none = await ask({ split: 'test', count: 1 }).catch((error: unknown) => error);
  expect(LapyraError.is(none, 'LAPYRA_LIKELIHOOD_IMAGES')).toBe(true);
  expect((none as LapyraError).message).toBe(
    'likelihood: expected test images, got a data set without any.',
  );
  await expect(ask({ count: 201 })).rejects.toThrow(
    'likelihood: expected 1 to 200 validation images, got 201.',
  );
});
