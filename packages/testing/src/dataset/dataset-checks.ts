import type { Dataset, OpenDataset } from '@lapyra/core';
import { expect } from 'vitest';
import type { ListeningContext } from './listening-context.js';

export interface DatasetUnderTest {
  readonly create: () => Dataset | Promise<Dataset>;
  /** A new context on the same cache. */
  readonly context: () => ListeningContext;
}

export interface DatasetCheck {
  readonly title: string;
  readonly run: () => Promise<void>;
}

/** What {@link datasetConformance} checks, one title a check. */
export function datasetChecks({ create, context }: DatasetUnderTest): DatasetCheck[] {
  const open = async (told = context()): Promise<OpenDataset> => (await create()).open(told);
  return [
    {
      title: 'declares what it holds',
      run: async () => {
        expect((await create()).name).toMatch(/\S/);
        declares(await open());
      },
    },
    ...SPLITS.map((split) => ({
      title: `reads as many ${split} images as it declares, with labels that are classes`,
      run: async () => holds(await open(), split),
    })),
    {
      title: 'has captions for as many images, if it has any, and the same at every reading',
      run: async () => {
        const dataset = await open();
        for (const split of SPLITS) await captions(dataset, split);
      },
    },
    {
      title: 'reads the same again, also after a reading that was broken off',
      run: async () => readsAgain(await open()),
    },
    {
      title: 'is the same when it is opened again',
      run: async () => {
        const [one, other] = [await open(), await open()];
        expect(other.fingerprint).toBe(one.fingerprint);
        expect({ ...other.count }).toEqual({ ...one.count });
        await readsAlike(other, await readWhole(one, 'train'));
      },
    },
    {
      title: 'reports lines, and numbers that grow to their total',
      run: async () => {
        const told = context();
        await readWhole(await open(told), 'train');
        reports(told);
      },
    },
  ];
}

const SPLITS = ['train', 'test'] as const;
type Split = (typeof SPLITS)[number];

function declares({ size, channels, classes, fingerprint, count }: OpenDataset): void {
  for (const side of size) expect(Number.isInteger(side) && side >= 1, `side ${side}`).toBe(true);
  expect([1, 3, 4]).toContain(channels);
  expect(fingerprint).toMatch(/\S/);
  expect(Number.isInteger(count.train) && count.train >= 1, 'images to train on').toBe(true);
  expect(Number.isInteger(count.test) && count.test >= 0, 'images to test with').toBe(true);
  if (classes === null) return;
  expect(classes.length).toBeGreaterThanOrEqual(1);
  expect(new Set(classes).size, 'names of their own').toBe(classes.length);
}

async function holds(dataset: OpenDataset, split: Split): Promise<void> {
  const { size, channels, classes, count } = dataset;
  const each = size[0] * size[1] * channels;
  let images = 0;
  for await (const { pixels, labels } of dataset.read(split)) {
    expect(pixels).toBeInstanceOf(Uint8Array);
    expect(pixels.length % each, 'whole images').toBe(0);
    expect(labels === null, 'labels if there are classes').toBe(classes === null);
    if (labels) {
      expect(labels.length).toBe(pixels.length / each);
      for (const label of labels) expect(label).toBeLessThan(classes!.length);
    }
    images += pixels.length / each;
  }
  expect(images).toBe(count[split]);
}

async function captions({ captions: given, count }: OpenDataset, split: Split): Promise<void> {
  if (!given) return;
  const { texts, width, fingerprint, read } = given;
  expect(fingerprint).toMatch(/\S/);
  expect(texts || width !== null, 'texts or vectors').toBe(true);
  const all: unknown[][] = [];
  for (let reading = 0; reading < 2; reading++) {
    const said: unknown[] = [];
    for await (const batch of read(split)) {
      expect(batch.texts === null, 'texts as declared').toBe(!texts);
      expect(batch.vectors === null, 'vectors as declared').toBe(width === null);
      const images = (batch.texts ?? batch.vectors)!;
      if (batch.vectors) expect(batch.vectors.length).toBe(images.length);
      images.forEach((image, at) => {
        expect(image.length, 'captions of an image').toBeGreaterThanOrEqual(1);
        for (const text of batch.texts?.[at] ?? []) expect(text).toMatch(/\S/);
        const vectors = batch.vectors?.[at] ?? [];
        for (const vector of vectors) expect(vector.length).toBe(width);
        if (batch.texts && batch.vectors) expect(vectors.length).toBe(image.length);
        said.push([batch.texts?.[at], vectors.map((vector) => [...vector])]);
      });
    }
    expect(said.length).toBe(count[split]);
    all.push(said);
  }
  expect(all[1]).toEqual(all[0]);
}

async function readsAgain(dataset: OpenDataset): Promise<void> {
  const whole = await readWhole(dataset, 'train');
  for await (const _ of dataset.read('train')) break;
  await readsAlike(dataset, whole);
}

async function readsAlike(dataset: OpenDataset, wanted: Whole): Promise<void> {
  const { pixels, labels } = await readWhole(dataset, 'train');
  expect(pixels.equals(wanted.pixels), 'the same pixels in the same order').toBe(true);
  expect(labels).toEqual(wanted.labels);
}

interface Whole {
  readonly pixels: Buffer;
  readonly labels: readonly number[];
}

async function readWhole(dataset: OpenDataset, split: Split): Promise<Whole> {
  const pixels: Buffer[] = [];
  const labels: number[] = [];
  // Copies: a dataset may fill one array again and again.
  for await (const batch of dataset.read(split)) {
    pixels.push(Buffer.from(batch.pixels));
    labels.push(...(batch.labels ?? []));
  }
  return { pixels: Buffer.concat(pixels), labels };
}

function reports({ notices, events }: ListeningContext): void {
  for (const line of notices) expect(line).toMatch(/^\S.*$/);
  const reached = new Map<string, number>();
  for (const { what, done, total, unit } of events) {
    expect(['bytes', 'images']).toContain(unit);
    expect(done).toBeGreaterThanOrEqual(reached.get(what) ?? 0);
    expect(done).toBeLessThanOrEqual(total);
    reached.set(what, done);
  }
}
