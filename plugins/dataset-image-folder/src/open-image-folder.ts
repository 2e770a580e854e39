import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { type DatasetContext, LapyraError, type OpenDataset, toSize } from '@lapyra/core';
import {
  classOf,
  corruptImages,
  findFiles,
  type Inspect,
  layoutOf,
  pictureDecoding,
  readImages,
  type ScannedImage,
  scanImages,
  splitImages,
} from '@lapyra/datasets';
import { checkImages } from './check-images.js';
import type { ImageFolderSettings } from './settings.js';

const NAMED_LIKE_IMAGE = /\.(png|jpe?g|webp)$/i;
const NOTICES = 20;

/** Find, check and order the pictures of a folder; they are decoded when they are read. */
export async function openImageFolder(
  settings: ImageFolderSettings,
  context: DatasetContext,
): Promise<OpenDataset> {
  // sharp is loaded here and not by a config that only names this plugin.
  const { decodeImage, inspectImage } = await import('@lapyra/images');
  const { maxPixels, channels } = settings;
  const folder = resolve(context.projectFolder, settings.folder);
  const size = toSize(settings.size);
  const options = pictureDecoding(settings, size);
  const paths = await findImages(folder, context);
  const { classes: folders } = layoutOf('imageFolder', folder, paths);
  const inspect: Inspect = (bytes, name) => inspectImage(bytes, { name, maxPixels });
  const scanned = await scanImages(folder, paths, inspect, context, 'reading images');
  const decode = (bytes: Uint8Array, name: string) => decodeImage(bytes, { ...options, name });
  const sound = await soundImages(folder, scanned, decode, settings, context);
  const classes = folders && namesInUse(folders, sound, context);
  const labels = new Map(classes?.map((name, label) => [name, label]));
  const labelled = sound.map((image) => ({
    ...image,
    label: labels.get(classOf(image.path)) ?? 0,
  }));
  const { train, test } = splitImages(labelled, settings.testFraction);
  const bytes = size[0] * size[1] * channels;
  const { signal } = context;
  return {
    size,
    channels,
    classes,
    fingerprint: fingerprint(sound, settings),
    count: { train: train.length, test: test.length },
    read: (split) =>
      readImages(split === 'train' ? train : test, {
        title: 'imageFolder',
        folder,
        bytes,
        classes: classes?.length ?? 0,
        decode,
        signal,
      }),
  };
}

/** What is a picture by content, or wants to be one by its name. */
async function findImages(folder: string, context: DatasetContext): Promise<string[]> {
  const { FORMAT_BYTES, imageFormat, isReadable } = await import('@lapyra/images');
  const files = await findFiles('imageFolder', folder, FORMAT_BYTES, context.signal);
  const isImage = ({ path, start }: (typeof files)[number]): boolean =>
    isReadable(imageFormat(start)) || NAMED_LIKE_IMAGE.test(path);
  const others = files.filter((file) => !isImage(file)).map((file) => file.path);
  const paths = files.filter(isImage).map((file) => file.path);
  if (paths.length === 0) {
    throw new LapyraError(
      'LAPYRA_DATASET_EMPTY',
      `imageFolder: ${folder}: expected PNG, JPEG or WebP pictures, got none${others.length > 0 ? ` among ${several(others.length, 'file')} (${others[0]})` : ''}.`,
    );
  }
  if (others.length > 0)
    context.notice(
      `imageFolder: left out ${several(others.length, 'file')} with something else than a PNG, JPEG or WebP picture, for example ${others[0]}.`,
    );
  return paths;
}

/** The pictures that can be used; faults are refused, or left out with a notice. */
async function soundImages(
  folder: string,
  scanned: readonly ScannedImage[],
  decode: Inspect,
  settings: ImageFolderSettings,
  context: DatasetContext,
): Promise<ScannedImage[]> {
  const faultsOf = (images: readonly ScannedImage[]): string[] =>
    images.flatMap(({ fault }) => (fault === null ? [] : [fault]));
  if (settings.onCorrupt === 'refuse') {
    const faults = faultsOf(scanned);
    if (faults.length > 0) throw corruptImages('imageFolder', faults);
    return [...scanned];
  }
  const checked = await checkImages(folder, scanned, decode, { ...settings }, context);
  const faults = faultsOf(checked);
  for (const fault of faults.slice(0, NOTICES)) context.notice(`imageFolder: left out ${fault}.`);
  if (faults.length > NOTICES)
    context.notice(`imageFolder: left out ${several(faults.length - NOTICES, 'more picture')}.`);
  const sound = checked.filter((image) => image.fault === null);
  if (sound.length > 0) return sound;
  throw new LapyraError(
    'LAPYRA_DATASET_EMPTY',
    `imageFolder: ${folder}: expected at least one picture that can be decoded, got ${faults.length} that cannot.`,
  );
}

/** Class folders of which every picture was left out are no classes. */
function namesInUse(
  folders: readonly string[],
  images: readonly ScannedImage[],
  context: DatasetContext,
): string[] {
  const used = folders.filter((name) => images.some(({ path }) => path.startsWith(`${name}/`)));
  for (const name of folders.filter((folder) => !used.includes(folder)))
    context.notice(`imageFolder: left out class ${name}: none of its pictures can be decoded.`);
  return used;
}

function several(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}

/** Over names, contents and all settings that change pixels or the split; not over times, which copying changes. */
function fingerprint(images: readonly ScannedImage[], settings: ImageFolderSettings): string {
  const { size, fit, anchor, channels, background, testFraction } = settings;
  const hash = createHash('sha256');
  const choices = [toSize(size), fit, anchor, channels, background, testFraction];
  hash.update(JSON.stringify(choices));
  for (const { path, sum } of images) hash.update(`\n${sum} ${path.normalize('NFC')}`);
  return `image-folder:${hash.digest('hex').slice(0, 32)}`;
}
