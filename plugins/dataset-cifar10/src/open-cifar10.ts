import { createHash } from 'node:crypto';
import type { DatasetContext, OpenDataset } from '@lapyra/core';
import type { BatchFolder } from './batch-folder.js';
import { obtainFolder, type Wanted, type World } from './obtain-folder.js';
import { BATCH_FILES, CIFAR10_CLASSES, TEST_FILE, TRAIN_FILES } from './publication.js';
import { readBatches } from './read-batches.js';
import { SIDE } from './record.js';

export interface Selection extends Wanted {
  readonly classes: readonly string[];
}

/** Find CIFAR-10 and open it; `world` is the real one unless a test says otherwise. */
export async function openCifar10(
  { source, folder, classes }: Selection,
  context: DatasetContext,
  world: World,
): Promise<OpenDataset> {
  const found = await obtainFolder({ source, folder }, context, world);
  const newLabels = CIFAR10_CLASSES.map((name) => classes.indexOf(name));
  const sum = (counts: readonly number[]): number =>
    counts.reduce((total, count, label) => total + ((newLabels[label] ?? -1) < 0 ? 0 : count), 0);
  return {
    size: [SIDE, SIDE],
    channels: 3,
    classes,
    fingerprint: fingerprint(found, classes),
    count: { train: sum(found.train), test: sum(found.test) },
    read: (split) => {
      const files = split === 'train' ? TRAIN_FILES : [TEST_FILE];
      return readBatches(found.folder, files, newLabels, context.signal);
    },
  };
}

/** Over the bytes of all files and the choice of classes: the source does not matter. */
function fingerprint({ sums }: BatchFolder, classes: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of BATCH_FILES) hash.update(`${file} ${sums[file] ?? ''}\n`);
  hash.update(classes.join(','));
  return `cifar10:${hash.digest('hex').slice(0, 32)}`;
}
