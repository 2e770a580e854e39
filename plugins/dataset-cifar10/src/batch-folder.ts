// A folder with the six files of the official binary format.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LapyraError } from '@lapyra/core';
import { checksumError as ofTitle } from '@lapyra/datasets';
import { BATCH_FILES, CIFAR10_CLASSES, type Publication, TEST_FILE } from './publication.js';
import { RECORD_BYTES } from './record.js';

/** A folder whose files were read once from end to end. */
export interface BatchFolder {
  readonly folder: string;
  /** Images of each class, by label. */
  readonly train: readonly number[];
  readonly test: readonly number[];
  /** SHA-256 of each file. */
  readonly sums: Readonly<Record<string, string>>;
}

/** The files of `folder` that are missing; all six if there is no such folder. */
export async function missingFiles(folder: string): Promise<string[]> {
  const found = await Promise.all(
    BATCH_FILES.map((file) =>
      stat(join(folder, file)).then(
        (entry) => entry.isFile(),
        () => false,
      ),
    ),
  );
  return BATCH_FILES.filter((_, i) => !found[i]);
}

/**
 * Read all six files of a folder: whole records, labels in range, images per class, checksums.
 *
 * @throws {LapyraError} `LAPYRA_DATASET_TRUNCATED` for a file that is empty or ends amid a record;
 * `LAPYRA_DATASET_RECORD` for a label above 9. Both name the file.
 */
export async function checkFolder(folder: string, signal: AbortSignal): Promise<BatchFolder> {
  const train = CIFAR10_CLASSES.map(() => 0);
  const test = CIFAR10_CLASSES.map(() => 0);
  const sums: Record<string, string> = {};
  for (const file of BATCH_FILES)
    sums[file] = await checkFile(join(folder, file), file === TEST_FILE ? test : train, signal);
  return { folder, train, test, sums };
}

/**
 * Refuse a fetched set that is not the published one.
 *
 * @throws {LapyraError} `LAPYRA_DATASET_CHECKSUM` naming the file, or the class of which there are too few
 */
export function assertPublished(found: BatchFolder, publication: Publication): void {
  const { imagesPerFile, files } = publication;
  for (const [split, counts, images] of [
    ['training', found.train, imagesPerFile * (BATCH_FILES.length - 1)],
    ['test', found.test, imagesPerFile],
  ] as const) {
    const each = images / CIFAR10_CLASSES.length;
    counts.forEach((count, label) => {
      if (count === each) return;
      const name = CIFAR10_CLASSES[label] ?? '';
      throw checksumError(`${split} images of class ${name}`, String(each), String(count));
    });
  }
  for (const file of BATCH_FILES) {
    const [expected, got] = [files[file] ?? '', found.sums[file] ?? ''];
    if (expected !== got) throw checksumError(file, `SHA-256 ${expected}`, got);
  }
}

/** Whether all files are, byte for byte, the published ones. */
export function isPublished(found: BatchFolder, publication: Publication): boolean {
  return BATCH_FILES.every((file) => found.sums[file] === publication.files[file]);
}

export function checksumError(subject: string, expected: string, got: string): LapyraError {
  return ofTitle('CIFAR-10', subject, expected, got);
}

/** Adds the labels of a file to `counts`; its SHA-256. */
async function checkFile(file: string, counts: number[], signal: AbortSignal): Promise<string> {
  const { size } = await stat(file);
  if (size === 0 || size % RECORD_BYTES !== 0) throw truncatedFile(file, size);
  const hash = createHash('sha256');
  let offset = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20, signal })) {
    const bytes = chunk as Uint8Array;
    hash.update(bytes);
    const first = (RECORD_BYTES - (offset % RECORD_BYTES)) % RECORD_BYTES;
    for (let i = first; i < bytes.length; i += RECORD_BYTES) {
      const label = bytes[i] ?? 0;
      if (label >= counts.length) {
        throw new LapyraError(
          'LAPYRA_DATASET_RECORD',
          `${file}: expected labels 0…9, got ${label} in record ${(offset + i) / RECORD_BYTES}.`,
          { hint: 'The file is damaged, or not in the binary format of CIFAR-10.' },
        );
      }
      counts[label] = (counts[label] ?? 0) + 1;
    }
    offset += bytes.length;
  }
  if (offset !== size) throw truncatedFile(file, offset);
  return hash.digest('hex');
}

export function truncatedFile(file: string, size: number): LapyraError {
  return new LapyraError(
    'LAPYRA_DATASET_TRUNCATED',
    `${file}: expected whole records of ${RECORD_BYTES} bytes, got ${size} bytes (${(size / RECORD_BYTES).toFixed(2)} records).`,
    { hint: 'Copy or download the file again.' },
  );
}
