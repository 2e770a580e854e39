// A level in the caller's hands goes the way that trainLevel takes it, from images in memory as from a file.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatasetBatch, Level } from '@lapyra/core';
import { loadLastCheckpoint, openImageStore, trainLevel, writeImageStore } from '@lapyra/training';
import { imagesInMemory, openLevelSteps, type StepImages } from '@lapyra/training/steps';
import { toyDataset, toyPlace, toySizes, toyWhitening } from './toy-data.js';
import { createToyEngine, toyTransform } from './toy-engine.js';
import { toyLevel } from './toy-level.js';

const STEPS = 12;
const dataset = toyDataset(40);
let pixels: Uint8Array;
let images: StepImages;

beforeAll(async () => {
  const batches: DatasetBatch[] = [];
  for await (const batch of dataset.read('train')) batches.push(batch);
  pixels = Uint8Array.from(batches.flatMap((batch) => [...batch.pixels]));
  images = imagesInMemory({ pixels, size: dataset.size });
});

const open = (level: Level, of: StepImages = images): ReturnType<typeof openLevelSteps> =>
  openLevelSteps({
    level,
    engine: createToyEngine(),
    transform: toyTransform,
    sizes: toySizes,
    index: 1,
    images: of,
    whitening: toyWhitening,
    steps: STEPS,
    seed: 3,
  });

describe('openLevelSteps', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lapyra-steps-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('takes the steps of trainLevel, to the bit', async () => {
    const file = join(folder, 'images.bin');
    await writeImageStore(file, dataset);
    const store = openImageStore(file, { validation: 0 });
    const level = join(folder, 'level');
    await trainLevel({
      job: {
        index: 1,
        sizes: toySizes,
        flip: true,
        seed: 3,
        steps: STEPS,
        signature: 'toy',
        versions: {},
      },
      level: toyLevel({ place: toyPlace }),
      transform: toyTransform,
      store,
      whitening: toyWhitening,
      engine: createToyEngine(),
      folder: level,
      signal: new AbortController().signal,
      emit: () => undefined,
      writePicture: async () => undefined,
      scored: false,
    });
    store.close();
    const trained = (await loadLastCheckpoint(join(level, 'checkpoints')))!.checkpoint;

    const steps = await open(toyLevel({ place: toyPlace }));
    expect(steps.done).toBe(0);
    const start = await steps.read();
    const losses: number[] = [];
    for (let step = 0; step < STEPS; step++) {
      const { recorded, refused } = await steps.step();
      expect([Object.keys(recorded), refused]).toEqual([['loss'], false]);
      losses.push(recorded['loss']!);
    }
    expect(steps.done).toBe(STEPS);
    const state = await steps.read();
    expect(state).toEqual(trained.state);
    expect(state).not.toEqual(start);
    expect(Math.min(...losses.slice(-3))).toBeLessThan(losses[0]!);
    // The sampler draws with the average, and calls it w.
    expect(await steps.samplerState()).toEqual({ w: state['g.average'] });
    await steps.dispose();
  });

  it('says which steps were refused, and what is not finite', async () => {
    const steps = await open(toyLevel({ place: toyPlace, largestRate: 0 }));
    const before = await steps.read();
    expect(await steps.step()).toEqual({ recorded: { loss: null }, refused: true });
    expect(await steps.read()).toEqual(before);
    await steps.dispose();
  });

  it('refuses levels that do not learn by steps', async () => {
    const toy = toyLevel({ place: toyPlace });
    await expect(open({ ...toy, training: null })).rejects.toMatchObject({
      code: 'LAPYRA_LEVEL_TRAINING',
      message: 'level 5: expected training by steps, got nothing to train.',
      hint: expect.stringContaining('use it as it is'),
    });
    const training = { kind: 'host' as const, fit: async () => ({}) };
    await expect(open({ ...toy, training })).rejects.toMatchObject({
      code: 'LAPYRA_LEVEL_TRAINING',
      message: 'level 5: expected training by steps, got training on the host.',
    });
  });

  it('refuses images that are smaller than the crops', async () => {
    const small = imagesInMemory({ pixels: new Uint8Array(2 * 3 * 3 * 3), size: [3, 3] });
    await expect(open(toyLevel({ place: toyPlace }), small)).rejects.toMatchObject({
      code: 'LAPYRA_DATA_CROP',
      message: expect.stringContaining('the size of the images, got '),
    });
  });
});

describe('imagesInMemory', () => {
  it('gives images and labels by their number', () => {
    const four = imagesInMemory({
      pixels: Uint8Array.from({ length: 8 }, (_, i) => i),
      size: [1, 2],
      channels: 1,
      classes: { names: ['a', 'b'], labels: [0, 1, 1, 0] },
    });
    expect(four.count.train).toBe(4);
    const target = new Uint8Array(4);
    four.readInto('train', 2, target, 1);
    expect([...target]).toEqual([0, 4, 5, 0]);
    expect([four.classes, four.label('train', 2)]).toEqual([['a', 'b'], 1]);
  });

  it('refuses what are not whole images of known classes', () => {
    const size = [2, 2] as const;
    const refused = (said: string): object => ({ code: 'LAPYRA_DATA_IMAGES', message: said });
    const make = (count: number, labels?: number[]) => () =>
      imagesInMemory({
        pixels: new Uint8Array(count),
        size,
        ...(labels && { classes: { names: ['a', 'b'], labels } }),
      });
    expect(make(25)).toThrow(
      expect.objectContaining(refused('images: expected pixels [n, 2, 2, 3], got 25 numbers.')),
    );
    expect(make(0)).toThrow(
      expect.objectContaining(refused('images: expected pixels [n, 2, 2, 3], got 0 numbers.')),
    );
    expect(make(24, [0])).toThrow(
      expect.objectContaining(refused('images: expected 2 labels, got 1 for 2 images.')),
    );
    expect(make(24, [0, 2])).toThrow(
      expect.objectContaining(refused('images: expected labels 0…1, got 2.')),
    );
  });
});
