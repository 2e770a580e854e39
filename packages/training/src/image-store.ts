// The decoded images of a data set as one file that all level processes read. Single images are read by position, so
// the file never stands in memory as a whole; the system's page cache is shared between the processes.
import { closeSync, fstatSync, openSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { type Size, LapyraError } from '@lapyra/core';
import { type CaptionStore, openCaptionStore } from './caption-store.js';
import { imageStoreLayout, parseImageStoreHeader } from './image-store-header.js';
import { type ImageSplit, imageSplits } from './image-splits.js';
import { readAt } from './read-at.js';

export interface ImageStore {
  readonly file: string;
  readonly size: Size;
  readonly channels: 1 | 3 | 4;
  readonly classes: readonly string[] | null;
  /** What is said about the images, if that was opened with them. */
  readonly captions: CaptionStore | null;
  /** Of the data set that the file was made from. */
  readonly fingerprint: string;
  readonly count: Readonly<Record<ImageSplit, number>>;
  /**
   * Read one image [H, W, C] into `target` at `offset`; nothing is allocated.
   *
   * @throws {LapyraError} `LAPYRA_DATA_DAMAGED` if the image is not what was written
   */
  readInto(split: ImageSplit, index: number, target: Uint8Array, offset?: number): void;
  /** Some images [n, H, W, C]. */
  read(split: ImageSplit, indices: readonly number[]): Uint8Array;
  /** The class of an image; -1 if the images are not labelled. */
  label(split: ImageSplit, index: number): number;
  close(): void;
}

export interface ImageStoreOptions {
  /** Training images kept aside for scores, the last of the set. Default: a tenth, at most 5000. */
  readonly validation?: number;
  /** A file written by {@link writeCaptionStore} for the same images. Default: none. */
  readonly captions?: string | null;
}

/**
 * Open a file written by {@link writeImageStore}. Header, labels and sums are checked now, each image when it is read.
 *
 * @throws {LapyraError} `LAPYRA_DATA_DAMAGED` if the file is cut off or changed, `LAPYRA_DATA_VALIDATION` if more
 * images are kept aside than there are, less one; the same for captions, and if they are of other images
 */
export function openImageStore(file: string, options: ImageStoreOptions = {}): ImageStore {
  const descriptor = openSync(file, 'r');
  try {
    const store = readStore(file, descriptor, options);
    return options.captions ? withCaptions(store, options.captions, options) : store;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function withCaptions(
  store: ImageStore,
  file: string,
  { validation }: ImageStoreOptions,
): ImageStore {
  const captions = openCaptionStore(file, validation === undefined ? {} : { validation });
  const { count } = captions;
  if (count.train !== store.count.train || count.test !== store.count.test) {
    captions.close();
    throw new LapyraError(
      'LAPYRA_DATA_DAMAGED',
      `${file}: expected captions of ${store.count.train} training and ${store.count.test} test images, got ${count.train} and ${count.test}.`,
      { hint: 'Delete the file; it is made anew from the data set.' },
    );
  }
  return {
    ...store,
    captions,
    close: () => {
      captions.close();
      store.close();
    },
  };
}

function readStore(file: string, descriptor: number, options: ImageStoreOptions): ImageStore {
  const damaged = (what: string): LapyraError =>
    new LapyraError('LAPYRA_DATA_DAMAGED', `${file}: ${what}.`, {
      hint: 'Delete the file; it is made anew from the data set.',
    });
  const bytes = fstatSync(descriptor).size;
  const start = Buffer.alloc(Math.min(bytes, 1 << 20)); // thousands of class names fit
  readAt(descriptor, start, 0);
  const header = parseImageStoreHeader(start);
  if (!header) throw damaged('expected the header of an image store, got something else');
  const layout = imageStoreLayout(header);
  if (bytes !== layout.bytes)
    throw damaged(`expected ${layout.bytes} bytes, got ${bytes}: the file was cut off or changed`);
  const tail = Buffer.alloc(layout.bytes - layout.labels);
  readAt(descriptor, tail, layout.labels);
  if (crc32(tail.subarray(0, -4)) !== tail.readUInt32LE(tail.length - 4))
    throw damaged('expected labels that fit their sum, got others: the file was changed');

  const { size, channels, classes, fingerprint } = header;
  const labels = tail.subarray(0, layout.sums - layout.labels);
  const sums = tail.subarray(layout.sums - layout.labels);
  const { count, place } = imageSplits(header.count, options.validation);
  const imageBytes = layout.image;
  const readInto = (split: ImageSplit, index: number, target: Uint8Array, offset = 0): void => {
    const at = place(split, index);
    const image = target.subarray(offset, offset + imageBytes);
    readAt(descriptor, image, layout.pixels + at * imageBytes);
    if (image.length !== imageBytes || crc32(image) !== sums.readUInt32LE(at * 4))
      throw damaged(`expected image ${at} to fit its sum, got other pixels: the file was changed`);
  };
  return {
    file,
    size,
    channels,
    classes,
    captions: null,
    fingerprint,
    count,
    readInto,
    read: (split, indices) => {
      const pixels = new Uint8Array(indices.length * imageBytes);
      indices.forEach((index, i) => readInto(split, index, pixels, i * imageBytes));
      return pixels;
    },
    label: (split, index) => {
      const at = place(split, index);
      return classes ? labels.readUInt16LE(at * 2) : -1;
    },
    close: () => closeSync(descriptor),
  };
}
