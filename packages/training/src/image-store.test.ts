import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DatasetBatch, OpenDataset } from '@lapyra/core';
import { type ImageStore, openImageStore } from './image-store.js';
import { writeImageStore } from './write-image-store.js';

let folder: string;
let file: string;
let stores: ImageStore[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lapyra-store-'));
  file = join(folder, 'images.bin');
  stores = [];
});

afterEach(() => {
  for (const store of stores) store.close();
  rmSync(folder, { recursive: true, force: true });
});

const SIZE = [2, 3] as const;
const BYTES = 2 * 3 * 3;

/** Image i of a split is filled with i (+100 in the test split); its class is i mod 3. */
function dataset(changes: Partial<OpenDataset> = {}, batch = 4): OpenDataset {
  const count = changes.count ?? { train: 10, test: 3 };
  return {
    size: SIZE,
    channels: 3,
    classes: ['ant', 'bee', 'cat'],
    fingerprint: 'toy 1',
    count,
    read: async function* (split): AsyncGenerator<DatasetBatch> {
      const end = split === 'train' ? 10 : 3;
      for (let start = 0; start < end; start += batch) {
        const n = Math.min(batch, end - start);
        const pixels = new Uint8Array(n * BYTES);
        for (let i = 0; i < n; i++)
          pixels.fill(start + i + (split === 'test' ? 100 : 0), i * BYTES, (i + 1) * BYTES);
        yield { pixels, labels: Uint8Array.from({ length: n }, (_, i) => (start + i) % 3) };
      }
    },
    ...changes,
  };
}

function open(validation?: number): ImageStore {
  const store = openImageStore(file, validation === undefined ? {} : { validation });
  stores.push(store);
  return store;
}

describe('image store', () => {
  it('gives single images of each split, the last of the training images for validation', async () => {
    const seen: number[] = [];
    await writeImageStore(file, dataset(), { progress: ({ done }) => seen.push(done) });
    expect(seen).toEqual([4, 8, 10, 13]);
    expect(readdirSync(folder)).toEqual(['images.bin']);
    const store = open(4);
    expect(store).toMatchObject({
      size: [2, 3],
      channels: 3,
      classes: ['ant', 'bee', 'cat'],
      fingerprint: 'toy 1',
      count: { train: 6, validation: 4, test: 3 },
    });
    const firsts = (split: 'train' | 'validation' | 'test', n: number): number[] =>
      Array.from({ length: n }, (_, i) => store.read(split, [i])[0] as number);
    expect(firsts('train', 6)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(firsts('validation', 4)).toEqual([6, 7, 8, 9]);
    expect(firsts('test', 3)).toEqual([100, 101, 102]);
    expect([0, 1, 2, 3].map((i) => store.label('validation', i))).toEqual([0, 1, 2, 0]);
    expect([...store.read('train', [5, 0, 5])]).toEqual([
      ...new Uint8Array(BYTES).fill(5),
      ...new Uint8Array(BYTES).fill(0),
      ...new Uint8Array(BYTES).fill(5),
    ]);
  });

  it('keeps a tenth aside by default, and no more than there is', async () => {
    await writeImageStore(file, dataset());
    expect(open().count).toEqual({ train: 9, validation: 1, test: 3 });
    expect(() => openImageStore(file, { validation: 10 })).toThrow(
      'data.validation: expected 0…9 of 10 training images, got 10.',
    );
  });

  it('stores images without labels', async () => {
    const plain = dataset({ classes: null, count: { train: 10, test: 0 } });
    await writeImageStore(file, plain);
    expect(open().label('train', 0)).toBe(-1);
  });

  it('refuses an index outside the split', async () => {
    await writeImageStore(file, dataset());
    expect(() => open(1).read('train', [9])).toThrow('expected an index below 9, got 9');
  });

  it('refuses a file that was cut off', async () => {
    await writeImageStore(file, dataset());
    const { length } = readFileSync(file);
    truncateSync(file, length - 5);
    expect(() => openImageStore(file)).toThrow(
      `expected ${length} bytes, got ${length - 5}: the file was cut off or changed`,
    );
    truncateSync(file, 10);
    expect(() => openImageStore(file)).toThrow('expected the header of an image store');
  });

  it.each([
    ['header', 20, /expected the header of an image store/],
    ['labels', -60, /expected labels that fit their sum/],
    ['sums', -8, /expected labels that fit their sum/],
  ])('refuses a file with another %s', async (_, at, message) => {
    await writeImageStore(file, dataset());
    const bytes = readFileSync(file);
    const index = at < 0 ? bytes.length + at : at;
    bytes[index] = (bytes[index] as number) ^ 1;
    writeFileSync(file, bytes);
    expect(() => openImageStore(file)).toThrow(message);
  });

  it('refuses a changed image when it is read, and reads the others', async () => {
    await writeImageStore(file, dataset());
    const bytes = readFileSync(file);
    const at = bytes.indexOf(Buffer.alloc(BYTES, 2)); // image 2 is all twos
    bytes[at] = 3;
    writeFileSync(file, bytes);
    const store = open();
    expect(store.read('train', [1, 3])[0]).toBe(1);
    expect(() => store.read('train', [2])).toThrow('expected image 2 to fit its sum');
  });

  it('refuses a data set that gives another number of images or foreign labels, and leaves no file', async () => {
    await expect(writeImageStore(file, dataset({ count: { train: 12, test: 3 } }))).rejects.toThrow(
      'train images: expected 12 as the data set announced, got 10.',
    );
    await expect(writeImageStore(file, dataset({ count: { train: 9, test: 3 } }))).rejects.toThrow(
      'train images: expected 9 as the data set announced, got at least 10.',
    );
    await expect(writeImageStore(file, dataset({ classes: ['ant', 'bee'] }))).rejects.toThrow(
      'expected 4 labels below 2, got 4, the largest 2',
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('removes what killed processes left beside it a day ago, and nothing else', async () => {
    const hoursAgo = (name: string, hours: number): void => {
      const time = Date.now() / 1000 - hours * 3600;
      writeFileSync(join(folder, name), 'half');
      utimesSync(join(folder, name), time, time);
    };
    hoursAgo('.tmp-images.bin-12-abcdef01', 25);
    hoursAgo('.tmp-other.bin-13-abcdef02', 23);
    hoursAgo('other.bin', 25);
    await writeImageStore(file, dataset());
    expect(readdirSync(folder).sort()).toEqual([
      '.tmp-other.bin-13-abcdef02',
      'images.bin',
      'other.bin',
    ]);
  });

  it('stops when aborted, and leaves no file', async () => {
    const abort = new AbortController();
    const writing = writeImageStore(file, dataset(), {
      signal: abort.signal,
      progress: () => abort.abort(new Error('enough')),
    });
    await expect(writing).rejects.toThrow('enough');
    expect(readdirSync(folder)).toEqual([]);
  });
});
