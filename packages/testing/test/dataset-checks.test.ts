// A suite is worth what it finds: one dataset that is right, and others with one fault each.
import type {
  CaptionBatch,
  Dataset,
  DatasetBatch,
  DatasetContext,
  OpenCaptions,
  OpenDataset,
} from '@lapyra/core';
import { listeningContext } from '@lapyra/testing';
import { describe, expect, it } from 'vitest';
import { datasetChecks } from '../src/dataset/dataset-checks.js';

const EACH = 2 * 3 * 1;

/** Five grey pictures of 2 × 3 to train on and one to test with, in batches of two. */
function dots(
  replaced: Partial<OpenDataset> = {},
  open: (context: DatasetContext) => void = () => undefined,
): Dataset {
  const count = { train: 5, test: 1 };
  return {
    name: 'dots',
    open: async (context) => {
      open(context);
      return {
        size: [2, 3],
        channels: 1,
        classes: ['dark', 'light'],
        fingerprint: 'dots 1',
        count,
        read: async function* (split): AsyncIterable<DatasetBatch> {
          for (let at = 0; at < count[split]; at += 2) {
            const images = Math.min(2, count[split] - at);
            yield {
              pixels: new Uint8Array(images * EACH).map((_, i) => at * 50 + i),
              labels: new Uint8Array(images).map((_, i) => (at + i) % 2),
            };
          }
        },
        ...replaced,
      };
    },
  };
}

/** What is read, one batch after the other, instead of the dots. */
function reading(batches: () => Iterable<DatasetBatch>): Partial<OpenDataset> {
  return {
    read: async function* () {
      yield* batches();
    },
  };
}

/** One text for each of the dots, or what is given instead. */
function said(
  declared: Partial<OpenCaptions> = {},
  batch: (images: number, turn: number) => Partial<CaptionBatch> = () => ({}),
): OpenCaptions {
  let turn = 0;
  return {
    texts: true,
    width: null,
    fingerprint: 'words',
    read: async function* (split) {
      turn += 1;
      const count = split === 'train' ? 5 : 1;
      yield { texts: textsOf(count), vectors: null, ...batch(count, turn) };
    },
    ...declared,
  };
}

const textsOf = (
  count: number,
  of: (image: number) => string[] = (image) => [`dot ${image}`],
): string[][] => Array.from({ length: count }, (_, image) => of(image));

const vectorsOf = (count: number, width: number): Float32Array[][] =>
  Array.from({ length: count }, () => [new Float32Array(width)]);

const images = (count: number, change: Partial<DatasetBatch> = {}): DatasetBatch => ({
  pixels: new Uint8Array(count * EACH),
  labels: new Uint8Array(count),
  ...change,
});

async function failing(create: () => Dataset): Promise<string[]> {
  const failed: string[] = [];
  for (const { title, run } of datasetChecks({ create, context: () => listeningContext('/tmp') })) {
    try {
      await run();
    } catch {
      failed.push(title);
    }
  }
  return failed;
}

const declares = 'declares what it holds';
const reads = (split: string): string =>
  `reads as many ${split} images as it declares, with labels that are classes`;
const captions = 'has captions for as many images, if it has any, and the same at every reading';
const again = 'reads the same again, also after a reading that was broken off';
const opened = 'is the same when it is opened again';
const reports = 'reports lines, and numbers that grow to their total';

describe('checks of datasets', () => {
  it('find nothing wrong with a dataset that is right', async () => {
    expect(await failing(() => dots())).toEqual([]);
  });

  it.each<[string, readonly string[], Partial<OpenDataset>]>([
    ['no images', [declares, reads('train')], { count: { train: 0, test: 1 } }],
    ['more images than there are', [reads('test')], { count: { train: 5, test: 2 } }],
    ['half a pixel', [declares, reads('train'), reads('test')], { size: [2, 1.5] }],
    ['a class twice', [declares], { classes: ['dark', 'dark'] }],
    ['fewer classes than labels', [reads('train')], { classes: ['dark'] }],
    ['no classes, but labels', [reads('train'), reads('test')], { classes: null }],
    ['no fingerprint', [declares], { fingerprint: '' }],
    [
      'half an image',
      [reads('train'), reads('test')],
      reading(() => [images(1, { pixels: new Uint8Array(EACH + 1) })]),
    ],
    [
      'a label too few',
      [reads('train'), reads('test')],
      reading(() => [images(1), images(1, { labels: new Uint8Array(0) })]),
    ],
  ])('find %s', async (_, titles, replaced) => {
    expect(await failing(() => dots(replaced))).toEqual(titles);
  });

  it('find nothing wrong with captions that are right', async () => {
    expect(await failing(() => dots({ captions: said() }))).toEqual([]);
    const width = 2;
    const vectors = said({ width }, (n) => ({ vectors: vectorsOf(n, width) }));
    expect(await failing(() => dots({ captions: vectors }))).toEqual([]);
  });

  it.each<[string, Partial<OpenDataset>]>([
    ['captions of neither kind', { captions: said({ texts: false }) }],
    ['no fingerprint of captions', { captions: said({ fingerprint: '' }) }],
    ['fewer captions than images', { captions: said({}, (n) => ({ texts: textsOf(n - 1) })) }],
    ['an image without caption', { captions: said({}, (n) => ({ texts: textsOf(n, () => []) })) }],
    ['an empty text', { captions: said({}, (n) => ({ texts: textsOf(n, () => [' ']) })) }],
    [
      'vectors that were not declared',
      { captions: said({}, (n) => ({ vectors: vectorsOf(n, 2) })) },
    ],
    [
      'vectors of another width',
      { captions: said({ width: 3 }, (n) => ({ vectors: vectorsOf(n, 2) })) },
    ],
    [
      'captions that change',
      { captions: said({}, (n, turn) => ({ texts: textsOf(n, () => [`${turn}`]) })) },
    ],
  ])('find %s', async (_, replaced) => {
    expect(await failing(() => dots(replaced))).toEqual([captions]);
  });

  it('find another order at each reading', async () => {
    let turn = 0;
    const { read } = await dots().open(listeningContext('/tmp'));
    const shifting: OpenDataset['read'] = async function* (split) {
      const by = split === 'train' ? (turn += 1) : 0;
      for await (const { pixels, labels } of read(split))
        yield { pixels: pixels.map((x) => x + by), labels };
    };
    expect(await failing(() => dots({ read: shifting }))).toEqual([again, opened]);
  });

  it('find one that can be read only once', async () => {
    const { open } = dots();
    const once: Dataset = {
      name: 'once',
      open: async (context) => {
        const dataset = await open(context);
        const only = dataset.read('train')[Symbol.asyncIterator]();
        const iterator = { [Symbol.asyncIterator]: () => only };
        return {
          ...dataset,
          read: (split) => (split === 'train' ? iterator : dataset.read(split)),
        };
      },
    };
    expect(await failing(() => once)).toEqual([again]);
  });

  it('find a fingerprint of the hour', async () => {
    let hour = 0;
    expect(await failing(() => dots({ fingerprint: `at ${(hour += 1)}` }))).toEqual([opened]);
  });

  it.each<[string, (context: DatasetContext) => void]>([
    ['an empty notice', ({ notice }) => notice('')],
    ['a notice of two lines', ({ notice }) => notice('one\ntwo')],
    [
      'progress beyond the end',
      ({ progress }) => progress({ what: 'dots', done: 3, total: 2, unit: 'images' }),
    ],
    [
      'progress that goes back',
      ({ progress }) => {
        progress({ what: 'dots', done: 2, total: 2, unit: 'images' });
        progress({ what: 'dots', done: 1, total: 2, unit: 'images' });
      },
    ],
    [
      'progress in furlongs',
      ({ progress }) => progress({ what: 'dots', done: 1, total: 2, unit: 'furlongs' }),
    ],
  ])('find %s', async (_, tell) => {
    expect(await failing(() => dots({}, tell))).toEqual([reports]);
  });
});
