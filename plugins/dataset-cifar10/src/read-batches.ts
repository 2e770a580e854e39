import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetBatch } from '@lapyra/core';
import { truncatedFile } from './batch-folder.js';
import { IMAGE_BYTES, RECORD_BYTES, unpackRecords } from './record.js';

const IMAGES_PER_BATCH = 1000;

/**
 * The images of some files in their order, uint8 [n, 32, 32, 3] in batches of at most 1000.
 *
 * @param newLabels the label that each class gets, or −1 for classes that are left out
 */
export async function* readBatches(
  folder: string,
  files: readonly string[],
  newLabels: readonly number[],
  signal: AbortSignal,
): AsyncGenerator<DatasetBatch> {
  for (const name of files) {
    const file = join(folder, name);
    const handle = await open(file);
    try {
      const { size } = await handle.stat();
      for (let offset = 0; offset < size;) {
        signal.throwIfAborted();
        const records = new Uint8Array(Math.min(size - offset, IMAGES_PER_BATCH * RECORD_BYTES));
        const { bytesRead } = await handle.read(records, 0, records.length, offset);
        offset += bytesRead;
        if (bytesRead !== records.length || bytesRead % RECORD_BYTES !== 0)
          throw truncatedFile(file, offset);
        const batch = relabel(unpackRecords(records), newLabels);
        if (batch.labels.length > 0) yield batch;
      }
    } finally {
      await handle.close();
    }
  }
}

function relabel(
  { pixels, labels }: { pixels: Uint8Array; labels: Uint8Array },
  newLabels: readonly number[],
): { pixels: Uint8Array; labels: Uint8Array } {
  let kept = 0;
  for (let n = 0; n < labels.length; n++) {
    const label = newLabels[labels[n] ?? 0] ?? -1;
    if (label < 0) continue;
    labels[kept] = label;
    if (kept !== n) pixels.copyWithin(kept * IMAGE_BYTES, n * IMAGE_BYTES, (n + 1) * IMAGE_BYTES);
    kept++;
  }
  return { pixels: pixels.subarray(0, kept * IMAGE_BYTES), labels: labels.subarray(0, kept) };
}
