// Pictures in a folder, or in one folder a class, with a text file of the same name for each.
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type DatasetContext, LapyraError } from '@lapyra/core';
import { classOf, findFiles, layoutOf, mapInOrder } from '@lapyra/datasets';
import { type CaptionedPicture, captionsError } from './captioned-picture.js';

const NAMED_LIKE_IMAGE = /\.(png|jpe?g|webp)$/i;
const LISTED = 10;

/**
 * The pictures of a folder, sorted by path, each with the lines of its text file.
 *
 * @param texts folder of the text files, with the same folders in it; `null`: beside the pictures
 * @param needed whether pictures must have texts; otherwise none of them may
 * @throws {LapyraError} `LAPYRA_DATASET_EMPTY`, `LAPYRA_DATASET_LAYOUT`, `LAPYRA_DATASET_FOLDER`;
 * `LAPYRA_DATASET_CAPTIONS` listing pictures without a text
 */
export async function findPictures(
  folder: string,
  texts: string | null,
  needed: boolean,
  { signal }: Pick<DatasetContext, 'signal'>,
): Promise<CaptionedPicture[]> {
  const { FORMAT_BYTES, imageFormat, isReadable } = await import('@lapyra/images');
  const files = await findFiles('captions', folder, FORMAT_BYTES, signal);
  const paths = files
    .filter(({ path, start }) => isReadable(imageFormat(start)) || NAMED_LIKE_IMAGE.test(path))
    .map(({ path }) => path);
  if (paths.length === 0)
    throw new LapyraError(
      'LAPYRA_DATASET_EMPTY',
      `captions: ${folder}: expected PNG, JPEG or WebP pictures, got none.`,
    );
  const { classes } = layoutOf('captions', folder, paths);
  const from = texts === null ? folder : resolve(folder, texts);
  const pictures: CaptionedPicture[] = [];
  const missing: string[] = [];
  const read = async (path: string): Promise<[string, readonly string[] | null]> => [
    path,
    await readTexts(join(from, path.replace(/\.[^./]+$/, '.txt'))),
  ];
  for await (const [path, said] of mapInOrder(paths, 16, read)) {
    signal.throwIfAborted();
    if (said === null) missing.push(path);
    const label = classes ? classOf(path) : null;
    pictures.push({ path, texts: said, label, split: null, rows: null });
  }
  if (missing.length === 0) return pictures;
  if (!needed && missing.length === pictures.length) return pictures;
  const some = missing.slice(0, LISTED).join(', ');
  const more = missing.length > LISTED ? ` and ${missing.length - LISTED} more` : '';
  throw captionsError(
    from,
    'a .txt file with a line or more for each picture',
    `none for ${some}${more}`,
  );
}

/** The lines that are not empty; `null` if there are none, or no file. */
async function readTexts(file: string): Promise<readonly string[] | null> {
  const content = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  });
  const lines = content
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.length > 0 ? lines : null;
}
