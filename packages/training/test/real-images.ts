import { readFileSync } from 'node:fs';
import type { DatasetBatch, OpenDataset } from '@lapyra/core';

const RECORD = 3073; // a label, then three planes of 32×32
const PLANE = 1024;

/** The 512 real images of CIFAR-10 that are committed with the repository. */
export function realImages(): OpenDataset {
  const bytes = readFileSync(new URL('../../testing/fixtures/cifar10-512.bin', import.meta.url));
  const count = bytes.length / RECORD;
  return {
    size: [32, 32],
    channels: 3,
    classes: ['airplane', 'car', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
    fingerprint: 'CIFAR-10, 512 images',
    count: { train: count, test: 0 },
    read: async function* (): AsyncGenerator<DatasetBatch> {
      const pixels = new Uint8Array(count * 3 * PLANE);
      const labels = new Uint8Array(count);
      for (let n = 0; n < count; n++) {
        labels[n] = bytes[n * RECORD] as number;
        for (let c = 0; c < 3; c++)
          for (let i = 0; i < PLANE; i++)
            pixels[(n * PLANE + i) * 3 + c] = bytes[n * RECORD + 1 + c * PLANE + i] as number;
      }
      yield { pixels, labels };
    },
  };
}
