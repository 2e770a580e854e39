import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import {
  type DatasetContext,
  LapyraError,
  type OpenCaptions,
  type OpenDataset,
  toSize,
} from '@lapyra/core';
import {
  corruptImages,
  type LabelledImage,
  pictureDecoding,
  readImages,
  scanImages,
  type SplitImages,
  splitImages,
} from '@lapyra/datasets';
import type * as Images from '@lapyra/images';
import { type CaptionedPicture, captionsError } from './captioned-picture.js';
import { findPictures } from './find-pictures.js';
import { readList } from './read-list.js';
import type { CaptionsSettings } from './settings.js';
import { openVectorFile, type VectorFile } from './vector-file.js';

/** A picture with everything that is known of it. */
interface Listed extends LabelledImage {
  readonly texts: readonly string[] | null;
  readonly split: CaptionedPicture['split'];
  /** Its place in the listing. */
  readonly place: number;
}

type InspectImage = typeof Images.inspectImage;

const AT_ONCE = 256;

/** Find, check and order the pictures of a folder with their captions; they are decoded when they are read. */
export async function openCaptions(
  settings: CaptionsSettings,
  context: DatasetContext,
): Promise<OpenDataset> {
  // sharp is loaded here and not by a config that only names this plugin.
  const { decodeImage, inspectImage } = await import('@lapyra/images');
  const folder = resolve(context.projectFolder, settings.folder);
  const size = toSize(settings.size);
  const pictures = await listPictures(folder, settings, context);
  const vectors = settings.vectors
    ? await openVectorFile(resolve(folder, settings.vectors), pictures)
    : null;
  checkTogether(pictures, vectors);
  const classes = classesOf(pictures, settings);
  const listed = await scan(folder, pictures, classes, settings, context, inspectImage);
  const parts = split(listed, classes, settings);
  const options = pictureDecoding(settings, size);
  const [height, width] = size;
  return {
    size,
    channels: settings.channels,
    classes,
    fingerprint: imagesFingerprint(listed, parts, settings),
    count: { train: parts.train.length, test: parts.test.length },
    captions: captionsOf(parts, vectors),
    read: (part) =>
      readImages(parts[part], {
        title: 'captions',
        folder,
        bytes: height * width * settings.channels,
        classes: classes?.length ?? 0,
        decode: (bytes, name) => decodeImage(bytes, { ...options, name }),
        signal: context.signal,
      }),
  };
}

async function listPictures(
  folder: string,
  { list, texts, vectors }: CaptionsSettings,
  context: DatasetContext,
): Promise<CaptionedPicture[]> {
  if (list === undefined)
    return findPictures(folder, texts ?? null, vectors === undefined, context);
  const pictures = await readList(resolve(folder, list), list);
  if (vectors !== undefined || pictures[0]?.texts) return pictures;
  throw captionsError(list, 'lines with text or texts, or the option vectors', 'neither');
}

/** Where a picture has both, its vectors are those of its texts. */
function checkTogether(pictures: readonly CaptionedPicture[], vectors: VectorFile | null): void {
  if (!vectors) return;
  for (const [place, { path, texts }] of pictures.entries()) {
    const count = vectors.count(place);
    if (texts && texts.length !== count)
      throw captionsError(path, `as many vectors as texts, ${texts.length}`, String(count));
  }
}

function classesOf(
  pictures: readonly CaptionedPicture[],
  { testClasses }: CaptionsSettings,
): readonly string[] | null {
  const named = pictures.flatMap(({ label }) => (label === null ? [] : [label]));
  const classes = [...new Set(named)].toSorted();
  const unknown = testClasses.find((name) => !classes.includes(name));
  if (unknown !== undefined)
    throw captionsError(
      'testClasses',
      classes.length > 0 ? `names of ${classes.slice(0, 20).join(', ')}` : 'pictures with classes',
      `'${unknown}'`,
    );
  return classes.length > 0 ? classes : null;
}

async function scan(
  folder: string,
  pictures: readonly CaptionedPicture[],
  classes: readonly string[] | null,
  { maxPixels }: CaptionsSettings,
  context: DatasetContext,
  inspectImage: InspectImage,
): Promise<Listed[]> {
  const paths = pictures.map(({ path }) => path);
  const inspect = (bytes: Uint8Array, name: string): Promise<unknown> =>
    inspectImage(bytes, { name, maxPixels });
  const scanned = await scanImages(folder, paths, inspect, context, 'reading images');
  const faults = scanned.flatMap(({ fault }) => (fault === null ? [] : [fault]));
  if (faults.length > 0) throw corruptImages('captions', faults);
  return pictures.map(({ texts, label, split: part }, place) => ({
    ...scanned[place]!,
    label: label === null ? 0 : (classes?.indexOf(label) ?? 0),
    texts,
    split: part,
    place,
  }));
}

/** By the list; else whole classes for testing, and of the others a share. */
function split(
  listed: readonly Listed[],
  classes: readonly string[] | null,
  { testFraction, testClasses }: CaptionsSettings,
): SplitImages<Listed> {
  const isForTesting = ({ split: part, label }: Listed): boolean =>
    part === null ? testClasses.includes(classes?.[label] ?? '') : part === 'test';
  const named = (one: Listed): boolean => one.split !== null || isForTesting(one);
  const given = splitImages(listed.filter(named), 0).train;
  const rest = splitImages(
    listed.filter((one) => !named(one)),
    testFraction,
  );
  const all = splitImages([...given.filter((one) => !isForTesting(one)), ...rest.train], 0);
  const parts = { train: all.train, test: [...given.filter(isForTesting), ...rest.test] };
  if (parts.train.length > 0) return parts;
  throw new LapyraError(
    'LAPYRA_DATASET_EMPTY',
    `captions: expected pictures to train on, got ${parts.test.length}, all for testing.`,
  );
}

function captionsOf(parts: SplitImages<Listed>, vectors: VectorFile | null): OpenCaptions {
  const hash = createHash('sha256').update(vectors?.sum ?? '');
  for (const { path, place, texts } of [...parts.train, ...parts.test])
    hash.update(`\n${JSON.stringify([path.normalize('NFC'), vectors ? place : null, texts])}`);
  const hasTexts = parts.train[0]?.texts !== null;
  return {
    texts: hasTexts,
    width: vectors?.width ?? null,
    fingerprint: `captions:${hash.digest('hex').slice(0, 32)}`,
    read: async function* (part) {
      const all = parts[part];
      for (let first = 0; first < all.length; first += AT_ONCE) {
        const some = all.slice(first, first + AT_ONCE);
        yield {
          texts: hasTexts ? some.map(({ texts }) => texts ?? []) : null,
          vectors: vectors ? await vectors.read(some.map(({ place }) => place)) : null,
        };
      }
    },
  };
}

/** Over names, contents, classes, the split and all settings that change pixels. */
function imagesFingerprint(
  listed: readonly Listed[],
  { test }: SplitImages<Listed>,
  { size, fit, anchor, channels, background }: CaptionsSettings,
): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([toSize(size), fit, anchor, channels, background]));
  const testing = new Set(test);
  for (const one of listed.toSorted((a, b) => (a.path < b.path ? -1 : 1)))
    hash.update(`\n${one.sum} ${one.label} ${testing.has(one)} ${one.path.normalize('NFC')}`);
  return `captions:${hash.digest('hex').slice(0, 32)}`;
}
