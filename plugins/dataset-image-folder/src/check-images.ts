// With `onCorrupt: 'skip'` the number of good pictures must be known before they are read: each is decoded once, and
// what was found is remembered under a key of all that it depends on.
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DatasetContext, type Json, LapyraError } from '@lapyra/core';
import { type Inspect, type ScannedImage, scanImages } from '@lapyra/datasets';

/** The same images, with the faults that only decoding shows. */
export async function checkImages(
  folder: string,
  images: readonly ScannedImage[],
  decode: Inspect,
  settings: Json,
  context: DatasetContext,
): Promise<readonly ScannedImage[]> {
  const sound = images.filter((image) => image.fault === null).map((image) => image.path);
  const file = join(context.cacheFolder, `image-folder-${keyOf(images, settings)}.json`);
  const known = await readVerdict(file);
  if (known) return withFaults(images, known);
  const what = 'checking images';
  const checked = await scanImages(folder, sound, decode, context, what);
  const faults = new Map<string, string>();
  for (const { path, fault } of checked) if (fault !== null) faults.set(path, fault);
  await writeVerdict(file, faults);
  return withFaults(images, faults);
}

function withFaults(
  images: readonly ScannedImage[],
  faults: ReadonlyMap<string, string>,
): ScannedImage[] {
  return images.map((image) => ({
    ...image,
    fault: image.fault ?? faults.get(image.path) ?? null,
  }));
}

function keyOf(images: readonly ScannedImage[], settings: Json): string {
  const hash = createHash('sha256').update(JSON.stringify(settings));
  for (const { path, sum } of images) hash.update(`\n${sum} ${path}`);
  return hash.digest('hex').slice(0, 32);
}

async function readVerdict(file: string): Promise<Map<string, string> | undefined> {
  try {
    const entries: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (!Array.isArray(entries)) return undefined;
    return new Map(entries as [string, string][]);
  } catch {
    return undefined; // none yet, or not whole: the images are checked again
  }
}

async function writeVerdict(file: string, faults: ReadonlyMap<string, string>): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(temporary, JSON.stringify([...faults]));
    await rename(temporary, file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new LapyraError(
      'LAPYRA_DATASET_CACHE',
      `${file}: expected a place to write what was found, got ${code ?? String(cause)}.`,
      { cause, hint: 'Check that the cache folder is writable and that the disk has room.' },
    );
  }
}
