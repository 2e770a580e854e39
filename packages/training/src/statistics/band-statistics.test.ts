import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  boxBilinearTransform,
  burtAdelsonTransform,
  haarTransform,
  type OpenDataset,
  randomStream,
  type Size,
} from '@lapyra/core';
import { type ImageStore, openImageStore, writeImageStore } from '@lapyra/training';
import { realImages } from '../../test/real-images.js';
import { bandStatistics } from './band-statistics.js';

let root: string;
const stores: ImageStore[] = [];

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'lapyra-bands-'));
});

afterAll(() => {
  for (const store of stores) store.close();
  rmSync(root, { recursive: true, force: true });
});

async function open(dataset: OpenDataset, validation: number): Promise<ImageStore> {
  const file = join(root, `${stores.length}.images`);
  await writeImageStore(file, dataset);
  const store = openImageStore(file, { validation });
  stores.push(store);
  return store;
}

/** Grey images whose pixels `pixel` makes. */
function grey(
  images: number,
  side: number,
  pixel: (image: number, at: number) => number,
): OpenDataset {
  const per = side * side;
  return {
    size: [side, side],
    channels: 1,
    classes: null,
    fingerprint: 'made up',
    count: { train: images, test: 0 },
    read: async function* () {
      yield {
        labels: new Uint8Array(images),
        pixels: Uint8Array.from({ length: images * per }, (_, i) =>
          pixel(Math.floor(i / per), i % per),
        ),
      };
    },
  };
}

const sizes: readonly Size[] = [
  [4, 4],
  [8, 8],
];

describe('bandStatistics', () => {
  it('never promises fewer bits than there are: 8 a pixel of pure noise', async () => {
    const bytes = randomStream(1, 'test').integers(800 * 64, 256);
    const store = await open(
      grey(800, 8, (image, at) => bytes[image * 64 + at]!),
      400,
    );
    for (const transform of [boxBilinearTransform, burtAdelsonTransform, haarTransform]) {
      const measured = await bandStatistics({ store, transform, sizes, images: 400, seed: 1 });
      expect(measured.rawBits).toBe(512);
      expect(measured.directBits).toBeGreaterThan(512);
      expect(measured.directBits).toBeLessThan(1.02 * 512);
      // The pyramid has a quarter more values to tell.
      expect(measured.bits).toBeGreaterThan(512);
      expect(measured.bits).toBeLessThan(1.3 * 512);
      // Of white noise the image below tells what averages kept: by no means most of it.
      expect(measured.levels[1]!.predictable).toBeLessThan(0.5);
    }
  });

  it('finds nothing in the bands of even images, whose grey the first level has', async () => {
    const store = await open(
      grey(1024, 8, (image) => (97 * image) % 256), // each grey four times
      512,
    );
    for (const transform of [boxBilinearTransform, burtAdelsonTransform, haarTransform]) {
      const { levels, bits } = await bandStatistics({
        store,
        transform,
        sizes,
        images: 512,
        seed: 1,
      });
      const [first, second] = levels;
      expect(second).toMatchObject({ kurtosis: null, small: null, predictable: null });
      expect(second!.deviation).toBeLessThan(1e-4);
      expect(second!.bits).toBeLessThan(1); // 64 zeros
      // The grey is uniform: 8 bits, and 16 of them without a look to the neighbours.
      expect(Math.abs(first!.bitsPerPixel.alone - 8)).toBeLessThan(0.1);
      expect(bits).toBeGreaterThan(8);
      expect(bits).toBeLessThan(8 * 16);
    }
  });

  it('of real images says what is known of them', async () => {
    const store = await open(realImages(), 200);
    const done: number[] = [];
    const { levels, bits, directBits, rawBits, protocol } = await bandStatistics({
      store,
      transform: boxBilinearTransform,
      sizes: [
        [8, 8],
        [14, 14],
        [28, 28],
      ],
      images: 100,
      seed: 1,
      progress: (at, total) => done.push(at / total),
    });
    expect(done).toEqual([0.25, 0.5, 0.75, 1]);
    expect(rawBits).toBe(8 * 28 * 28 * 3);
    // The best models of CIFAR-10 need about 2.8 bits a value, 32×32 PNG files 5.9: linear codes lie between.
    for (const bound of [bits, directBits]) {
      expect(bound).toBeGreaterThan(2.8 * 28 * 28 * 3);
      expect(bound).toBeLessThan(5.9 * 28 * 28 * 3);
    }
    expect(levels.map(({ size, coarse }) => [size[0], coarse?.[0] ?? null])).toEqual([
      [8, null],
      [14, 8],
      [28, 14],
    ]);
    for (const { kurtosis, small, predictable, bitsPerPixel } of levels.slice(1)) {
      // Burt & Adelson 1983; Field 1987: bands of natural images are sparse.
      expect(kurtosis).toBeGreaterThan(4);
      expect(small).toBeGreaterThan(0.1);
      expect(predictable).toBeGreaterThan(0.05);
      expect(predictable).toBeLessThan(0.9);
      // Knowing more costs no bits.
      expect(bitsPerPixel.fromCoarse).toBeLessThan(bitsPerPixel.alone);
      expect(bitsPerPixel.fromNeighbours).toBeLessThan(bitsPerPixel.fromCoarse!);
    }
    expect(levels[0]).toMatchObject({ kurtosis: null, small: null, predictable: null });
    // Pixels vary by some 60 of 255, bands by some 15.
    expect(levels[0]!.deviation).toBeGreaterThan(40);
    for (const { deviation } of levels.slice(1)) {
      expect(deviation).toBeGreaterThan(5);
      expect(deviation).toBeLessThan(30);
    }
    expect(bits).toBeCloseTo(
      levels.reduce((sum, level) => sum + level.bits, 0),
      9,
    );
    expect(protocol).toBe(
      'box-bilinear, middle crops of 28×28; learned from 100 training images, measured on 100 validation images, seed 1',
    );
  });

  it('measures on training images apart where none are kept aside, and refuses a single one', async () => {
    const store = await open(
      grey(10, 8, (image, at) => 10 * image + at),
      0,
    );
    const options = { store, transform: boxBilinearTransform, sizes, images: 500, seed: 1 };
    expect((await bandStatistics(options)).protocol).toContain(
      'learned from 8 training images, measured on 2 other training images',
    );
    await expect(bandStatistics({ ...options, images: 1 })).rejects.toThrow(
      'preview: expected 2 or more images, got 1.',
    );
  });
});
