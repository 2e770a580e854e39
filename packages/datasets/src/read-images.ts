import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DatasetBatch, LapyraError } from '@lapyra/core';
import type { Picture } from '@lapyra/images';
import { mapInOrder } from './map-in-order.js';
import { AT_A_TIME, checksum, type ScannedImage } from './scan-images.js';

const BATCH_BYTES = 2 ** 22;
const BATCH_IMAGES = 256;

/** A picture file with its place in a set. */
export interface LabelledImage extends ScannedImage {
  /** Index of its class; 0 without classes. */
  readonly label: number;
}

export interface Reading {
  /** The plugin's name, for messages: `imageFolder`. */
  readonly title: string;
  readonly folder: string;
  /** Of one image. */
  readonly bytes: number;
  /** Number of classes; 0 without labels. */
  readonly classes: number;
  readonly decode: (bytes: Uint8Array, path: string) => Promise<Picture>;
  readonly signal: AbortSignal;
}

/**
 * Decode pictures a few at a time: uint8 [n, H, W, C], at most 256 images or 4 MB a batch.
 *
 * @throws {LapyraError} `LAPYRA_DATASET_CORRUPT` for a picture that cannot be decoded, `LAPYRA_DATASET_CHANGED` for one
 * that is not what it was when the set was opened; both name it
 */
export async function* readImages(
  images: readonly LabelledImage[],
  { title, folder, bytes, classes, decode, signal }: Reading,
): AsyncGenerator<DatasetBatch> {
  const most = Math.max(1, Math.min(BATCH_IMAGES, Math.floor(BATCH_BYTES / bytes)));
  const labelsOf = (batch: readonly LabelledImage[]): DatasetBatch['labels'] => {
    if (classes === 0) return null;
    const labels = batch.map((image) => image.label);
    return classes <= 256 ? Uint8Array.from(labels) : Uint16Array.from(labels);
  };
  const work = (image: LabelledImage): Promise<Picture> => readImage(title, folder, image, decode);
  let pixels = new Uint8Array(Math.min(most, images.length) * bytes);
  let first = 0;
  let filled = 0;
  for await (const picture of mapInOrder(images, AT_A_TIME, work)) {
    signal.throwIfAborted();
    pixels.set(picture.pixels, filled * bytes);
    filled++;
    if (filled < most && first + filled < images.length) continue;
    yield {
      pixels: pixels.subarray(0, filled * bytes),
      labels: labelsOf(images.slice(first, first + filled)),
    };
    first += filled;
    filled = 0;
    pixels = new Uint8Array(Math.min(most, images.length - first) * bytes);
  }
}

async function readImage(
  title: string,
  folder: string,
  image: LabelledImage,
  decode: Reading['decode'],
): Promise<Picture> {
  const bytes = await readFile(join(folder, image.path)).catch((cause: unknown) => {
    throw changed(title, image.path, (cause as NodeJS.ErrnoException).code ?? String(cause));
  });
  if (checksum(bytes) !== image.sum) throw changed(title, image.path, 'other bytes');
  try {
    return await decode(bytes, image.path);
  } catch (cause) {
    if (!LapyraError.is(cause)) throw cause;
    throw corruptImages(title, [cause.message.replace(/\.$/, '')], cause);
  }
}

const LISTED = 10;

/** The error for pictures that cannot be used, all of them at once. */
export function corruptImages(
  title: string,
  faults: readonly string[],
  cause?: unknown,
): LapyraError {
  const lines = faults.slice(0, LISTED).map((fault) => `  ${fault}`);
  if (faults.length > LISTED) lines.push(`  and ${faults.length - LISTED} more`);
  return new LapyraError(
    'LAPYRA_DATASET_CORRUPT',
    `${title}: expected pictures that can be decoded, got ${faults.length} that cannot:\n${lines.join('\n')}`,
    {
      hint: "Repair or remove them, or set onCorrupt: 'skip' to leave such pictures out.",
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

function changed(title: string, path: string, got: string): LapyraError {
  return new LapyraError(
    'LAPYRA_DATASET_CHANGED',
    `${title}: ${path}: expected the file as it was when the folder was opened, got ${got}.`,
    { hint: 'Leave the folder alone while it is read, and start again.' },
  );
}
