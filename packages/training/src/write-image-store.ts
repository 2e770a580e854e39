import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { type DatasetBatch, LapyraError, type OpenDataset } from '@lapyra/core';
import { removeOldTemporaries, writeDurably } from './durable-file.js';
import { encodeImageStoreHeader, imageStoreLayout } from './image-store-header.js';

export interface WriteImageStoreOptions {
  /** Called after each batch with the number of images written so far. */
  progress?(event: { readonly done: number; readonly total: number }): void;
  readonly signal?: AbortSignal;
}

/**
 * Decode a data set into one file for {@link openImageStore}. The file appears under its name only when it is whole. What a killed
 * process left beside it under a temporary name, a day ago or earlier, is removed.
 *
 * @throws {LapyraError} `LAPYRA_DATA_COUNT` if the data set gives more or fewer images than it announced, or labels that
 * do not fit its classes; what the data set throws; `LAPYRA_FILE_WRITE`; the signal's reason if it is aborted
 */
export async function writeImageStore(
  file: string,
  dataset: OpenDataset,
  options: WriteImageStoreOptions = {},
): Promise<void> {
  await removeOldTemporaries(dirname(file));
  await writeDurably(file, storeBytes(dataset, options));
}

async function* storeBytes(
  dataset: OpenDataset,
  { progress, signal }: WriteImageStoreOptions,
): AsyncGenerator<Uint8Array> {
  const { classes, count } = dataset;
  const total = count.train + count.test;
  const layout = imageStoreLayout(dataset);
  const labels = Buffer.alloc(classes ? total * 2 : 0);
  const sums = Buffer.alloc(total * 4);
  yield encodeImageStoreHeader(dataset);
  let done = 0;
  for (const split of ['train', 'test'] as const) {
    if (count[split] === 0) continue;
    const end = done + count[split];
    for await (const batch of dataset.read(split)) {
      signal?.throwIfAborted();
      const images = batch.pixels.length / layout.image;
      const given = checkBatch(batch, images, classes?.length ?? null, `${split} images`);
      if (done + images > end)
        throw wrongCount(split, count[split], `at least ${done + images - (end - count[split])}`);
      for (let i = 0; i < images; i++, done++) {
        const image = batch.pixels.subarray(i * layout.image, (i + 1) * layout.image);
        sums.writeUInt32LE(crc32(image), done * 4);
        if (given) labels.writeUInt16LE(given[i] as number, done * 2);
      }
      yield batch.pixels;
      progress?.({ done, total });
    }
    if (done < end) throw wrongCount(split, count[split], String(done - (end - count[split])));
  }
  yield labels;
  yield sums;
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(sums, crc32(labels)));
  yield sum;
}

/** The labels of a batch, checked; `null` where there are no classes. */
function checkBatch(
  { pixels, labels }: DatasetBatch,
  images: number,
  classes: number | null,
  subject: string,
): DatasetBatch['labels'] {
  if (!Number.isInteger(images))
    throw new LapyraError(
      'LAPYRA_DATA_COUNT',
      `${subject}: expected whole images, got ${pixels.length} bytes of pixels, which is ${images.toFixed(2)} images.`,
    );
  if (classes === null) return null;
  if (labels?.length !== images || labels.some((label) => label >= classes))
    throw new LapyraError(
      'LAPYRA_DATA_COUNT',
      `${subject}: expected ${images} labels below ${classes}, got ${labels ? `${labels.length}, the largest ${Math.max(...labels)}` : 'none'}.`,
    );
  return labels;
}

function wrongCount(split: string, expected: number, got: string): LapyraError {
  return new LapyraError(
    'LAPYRA_DATA_COUNT',
    `${split} images: expected ${expected} as the data set announced, got ${got}.`,
  );
}
