import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type DatasetBatch,
  type DatasetContext,
  LapyraError,
  type OpenCaptions,
  type OpenDataset,
} from '@lapyra/core';
import { fetchNpmFiles, fillCacheFolder, type RunNpm, SourceFailure } from '@lapyra/datasets';
import { checksumError } from '@lapyra/datasets';
import { type Emoji, isForTesting, type Listing, listEmojis } from './list-emojis.js';
import { type EmojiSize, NAMES_FILE, type Publication, sheetFile } from './publication.js';

export interface EmojiSettings extends Listing {
  readonly size: EmojiSize;
  readonly background: 'white' | 'black';
  readonly testFraction: number;
}

/** What the outside world is, so that tests need none of it. */
export interface World {
  readonly publication: Publication;
  readonly npm: RunNpm;
}

const TITLE = 'emoji';
const IMAGES_PER_BATCH = 256;

/** Fetch the emojis into the cache, if need be, and open them. */
export async function openEmoji(
  settings: EmojiSettings,
  context: DatasetContext,
  world: World,
): Promise<OpenDataset> {
  const { size, background, testFraction } = settings;
  const folder = await obtainFolder(size, context, world);
  const emojis = listEmojis(await readFile(join(folder, NAMES_FILE), 'utf8'), settings);
  const parts = {
    train: emojis.filter(({ group }) => !isForTesting(group, testFraction)),
    test: emojis.filter(({ group }) => isForTesting(group, testFraction)),
  };
  if (parts.train.length === 0)
    throw new LapyraError(
      'LAPYRA_DATASET_EMPTY',
      `emoji: expected emojis to train on, got ${parts.test.length}, all for testing.`,
      { hint: 'Lower testFraction, or take more categories.' },
    );
  const classes = [...new Set(emojis.map(({ subcategory }) => subcategory))].toSorted();
  const { publication } = world;
  const images = [publication.sheets[size], publication.names, background, testFraction];
  const choice = emojis.map(({ unified }) => unified);
  return {
    size: [size, size],
    channels: 3,
    classes,
    fingerprint: fingerprint([...images, ...choice]),
    count: { train: parts.train.length, test: parts.test.length },
    captions: captionsOf(parts, fingerprint([publication.names, ...settings.texts, ...choice])),
    read: (split) =>
      readEmojis(join(folder, sheetFile(size)), parts[split], classes, settings, context.signal),
  };
}

function captionsOf(
  parts: Readonly<Record<'train' | 'test', readonly Emoji[]>>,
  fingerprinted: string,
): OpenCaptions {
  return {
    texts: true,
    width: null,
    fingerprint: fingerprinted,
    read: async function* (split) {
      yield { texts: parts[split].map(({ texts }) => texts), vectors: null };
    },
  };
}

async function* readEmojis(
  sheet: string,
  emojis: readonly Emoji[],
  classes: readonly string[],
  { size, background }: EmojiSettings,
  signal: AbortSignal,
): AsyncGenerator<DatasetBatch> {
  if (emojis.length === 0) return;
  const { decodeImage } = await import('@lapyra/images'); // its library is worth loading only here
  const ground = background === 'white' ? 255 : 0;
  const whole = await decodeImage(sheet, { channels: 3, background: [ground, ground, ground] });
  const pitch = size + 2;
  const stride = whole.size[1] * 3;
  for (let first = 0; first < emojis.length; first += IMAGES_PER_BATCH) {
    signal.throwIfAborted();
    const some = emojis.slice(first, first + IMAGES_PER_BATCH);
    const pixels = new Uint8Array(some.length * size * size * 3);
    some.forEach(({ column, row }, at) => {
      for (let y = 0; y < size; y++) {
        const from = (row * pitch + 1 + y) * stride + (column * pitch + 1) * 3;
        pixels.set(whole.pixels.subarray(from, from + size * 3), (at * size + y) * size * 3);
      }
    });
    const labels = some.map(({ subcategory }) => classes.indexOf(subcategory));
    yield { pixels, labels: Uint8Array.from(labels) };
  }
}

/** The folder with names and sheet: from the cache, or fetched. */
async function obtainFolder(
  size: EmojiSize,
  context: DatasetContext,
  { publication, npm }: World,
): Promise<string> {
  const { cacheFolder } = context;
  const { npmPackage } = publication;
  const name = `${npmPackage.spec.replace('@', '-')}-${size}`;
  const folder = join(cacheFolder, name);
  const damaged = await fault(folder, size, publication);
  if (damaged === null) return folder;
  if (damaged !== 'nothing') context.notice(`emoji: skipped the copy in the cache: ${damaged}.`);
  const isThere = async (): Promise<boolean> => (await fault(folder, size, publication)) === null;
  const cache = { cacheFolder, name, title: TITLE, room: '0.2 GB', isThere };
  const files = [NAMES_FILE, sheetFile(size)];
  try {
    await fillCacheFolder(cache, async (target) => {
      const wanted = (path: string): boolean => files.includes(path);
      const from = { package: npmPackage, title: TITLE, folder: target, wanted, npm };
      await fetchNpmFiles(from, context);
      for (const file of files) await checkFile(target, file, size, publication);
    });
  } catch (error) {
    if (!(error instanceof SourceFailure)) throw error;
    throw new LapyraError(
      'LAPYRA_DATASET_UNAVAILABLE',
      `emoji: expected the npm package ${npmPackage.spec}, got none: ${error.message}.`,
      { cause: error, hint: 'Connect to a network once; what was fetched stays in the cache.' },
    );
  }
  return folder;
}

/** What is wrong with a copy in the cache; `nothing` if there is none, `null` if it is good. */
async function fault(
  folder: string,
  size: EmojiSize,
  publication: Publication,
): Promise<string | null> {
  try {
    for (const file of [NAMES_FILE, sheetFile(size)])
      await checkFile(folder, file, size, publication);
    return null;
  } catch (error) {
    if (LapyraError.is(error)) return error.message.replace(/\.$/, '');
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'nothing';
    throw error;
  }
}

/** @throws {LapyraError} `LAPYRA_DATASET_CHECKSUM` if the file is not the published one */
async function checkFile(
  folder: string,
  file: string,
  size: EmojiSize,
  { names, sheets }: Publication,
): Promise<void> {
  const expected = file === NAMES_FILE ? names : sheets[size];
  const got = createHash('sha256')
    .update(await readFile(join(folder, file)))
    .digest('hex');
  if (got !== expected) throw checksumError(TITLE, file, `SHA-256 ${expected}`, got);
}

function fingerprint(parts: readonly (string | number)[]): string {
  const sum = createHash('sha256').update(parts.join('\n')).digest('hex');
  return `emoji:${sum.slice(0, 32)}`;
}
