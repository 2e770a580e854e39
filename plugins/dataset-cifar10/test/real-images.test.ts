// 512 real images (see packages/testing/fixtures/README.md), laid out as a user's folder would be.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatasetContext, OpenDataset } from '@lapyra/core';
import { cifar10 } from '@lapyra/dataset-cifar10';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const FIXTURE = new URL('../../../packages/testing/fixtures/cifar10-512.bin', import.meta.url);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lapyra-cifar10-'));
  const bytes = await readFile(FIXTURE);
  const shares = [100, 100, 100, 100, 12, 100];
  let from = 0;
  for (const [i, share] of shares.entries()) {
    const name = i < 5 ? `data_batch_${i + 1}.bin` : 'test_batch.bin';
    await writeFile(join(folder, name), bytes.subarray(from * 3073, (from + share) * 3073));
    from += share;
  }
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function open(notices: string[]): Promise<OpenDataset> {
  const settings = await cifar10.plugin.options['~standard'].validate({ source: 'folder', folder });
  if (settings.issues) throw new Error('unexpected issues');
  const context: DatasetContext = {
    projectFolder: '/',
    cacheFolder: join(folder, 'cache'),
    signal: new AbortController().signal,
    progress: () => undefined,
    notice: (line) => void notices.push(line),
  };
  return (await cifar10.plugin.create(settings.value, undefined)).open(context);
}

describe('cifar10 on real images', () => {
  it('starts with the frog that every reader of CIFAR-10 knows', async () => {
    const notices: string[] = [];
    const dataset = await open(notices);
    expect(dataset.count).toEqual({ train: 412, test: 100 });
    expect(notices).toEqual([
      `CIFAR-10: ${folder} holds 512 images and is not, byte for byte, the published set of 60000: used as it is.`,
    ]);
    for await (const { pixels, labels } of dataset.read('train')) {
      expect([...(labels ?? [])].slice(0, 10)).toEqual([6, 9, 9, 4, 1, 1, 2, 7, 8, 3]);
      expect(dataset.classes?.[labels?.[0] ?? -1]).toBe('frog');
      // The first two pixels of the set as tutorials print them.
      expect([...pixels.subarray(0, 6)]).toEqual([59, 62, 63, 43, 46, 45]);
      break;
    }
  });

  it('holds all classes, and colours near the known mean of the set', async () => {
    const dataset = await open([]);
    const counts = Array.from({ length: 10 }, () => 0);
    const sums = [0, 0, 0];
    for (const split of ['train', 'test'] as const)
      for await (const { pixels, labels } of dataset.read(split)) {
        for (const label of labels ?? []) counts[label] = (counts[label] ?? 0) + 1;
        pixels.forEach((value, i) => (sums[i % 3] = (sums[i % 3] ?? 0) + value));
      }
    expect(counts).toEqual([52, 52, 51, 51, 51, 51, 51, 51, 51, 51]);
    // Of all training images. The mean of one image deviates by 0.12 to 0.15, that of 512 by 0.0065: this is three times that.
    const known = [0.4914, 0.4822, 0.4465];
    sums.forEach((sum, c) =>
      expect(Math.abs(sum / (512 * 1024 * 255) - (known[c] ?? 0))).toBeLessThan(0.02),
    );
  });
});
