// The captions of a data set's images as one file beside the images, which all level processes read: the vectors by position,
// so that they never stand in memory as a whole; what belongs to which image, and the texts, in memory.
import { closeSync, fstatSync, openSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { LapyraError } from '@lapyra/core';
import { captionStoreLayout, FOOT_BYTES, parseCaptionStoreHeader } from './caption-store-header.js';
import { type ImageSplit, imageSplits } from './image-splits.js';
import { readAt } from './read-at.js';

export interface CaptionStore {
  readonly file: string;
  /** Length of a vector. */
  readonly width: number;
  /** Of images, captions and encoder together. */
  readonly fingerprint: string;
  /** Images of each part. */
  readonly count: Readonly<Record<ImageSplit, number>>;
  /** How many captions an image has, at least 1. */
  captions(split: ImageSplit, index: number): number;
  /** An image's caption in words; `null` if only vectors were given. */
  text(split: ImageSplit, index: number, caption: number): string | null;
  /**
   * Read the vector of an image's caption into `target` [width] at `offset`.
   *
   * @throws {LapyraError} `LAPYRA_DATA_DAMAGED` if it is not what was written
   */
  readInto(
    split: ImageSplit,
    index: number,
    caption: number,
    target: Float32Array,
    offset?: number,
  ): void;
  /** Whether two images of a part have a caption in common. */
  share(split: ImageSplit, one: number, other: number): boolean;
  close(): void;
}

export interface CaptionStoreOptions {
  /** Training images kept aside, as for the images. */
  readonly validation?: number;
}

/**
 * Open a file written by {@link writeCaptionStore}. All but the vectors is checked now, each vector when it is read.
 *
 * @throws {LapyraError} `LAPYRA_DATA_DAMAGED`, `LAPYRA_DATA_VALIDATION`
 */
export function openCaptionStore(file: string, options: CaptionStoreOptions = {}): CaptionStore {
  const descriptor = openSync(file, 'r');
  try {
    return readStore(file, descriptor, options);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function readStore(file: string, descriptor: number, options: CaptionStoreOptions): CaptionStore {
  const damaged = (what: string): LapyraError =>
    new LapyraError('LAPYRA_DATA_DAMAGED', `${file}: ${what}.`, {
      hint: 'Delete the file; it is made anew from the data set.',
    });
  const bytes = fstatSync(descriptor).size;
  const start = Buffer.alloc(Math.min(bytes, 1 << 16));
  readAt(descriptor, start, 0);
  const header = parseCaptionStoreHeader(start);
  if (!header) throw damaged('expected the header of a caption store, got something else');
  const foot = Buffer.alloc(FOOT_BYTES);
  readAt(descriptor, foot, Math.max(0, bytes - FOOT_BYTES));
  const layout = captionStoreLayout(header, {
    captions: foot.readUInt32LE(0),
    uses: foot.readUInt32LE(4),
    textBytes: foot.readUInt32LE(8),
  });
  if (bytes !== layout.bytes)
    throw damaged(
      `expected the ${layout.bytes} bytes that its foot announces, got ${bytes}: the file was cut off or changed`,
    );
  const table = Buffer.alloc(layout.bytes - layout.table);
  readAt(descriptor, table, layout.table);
  if (crc32(table.subarray(0, -4)) !== table.readUInt32LE(table.length - 4))
    throw damaged('expected captions that fit their sum, got others: the file was changed');

  const { width, fingerprint, texts } = header;
  const { count, place } = imageSplits(header.count, options.validation);
  const entry = (part: number, index: number): number =>
    table.readUInt32LE(part - layout.table + index * 4);
  /** The number of a caption among all that are different. */
  const captionOf = (split: ImageSplit, index: number, caption: number): number => {
    const image = place(split, index);
    const [first, end] = [entry(layout.table, image), entry(layout.table, image + 1)];
    if (!Number.isInteger(caption) || caption < 0 || caption >= end - first)
      throw new LapyraError(
        'LAPYRA_DATA_INDEX',
        `caption of ${split} image ${index}: expected an index below ${end - first}, got ${caption}.`,
      );
    return entry(layout.uses, first + caption);
  };
  const captions = (split: ImageSplit, index: number): number => {
    const image = place(split, index);
    return entry(layout.table, image + 1) - entry(layout.table, image);
  };
  const all = (split: ImageSplit, index: number): number[] =>
    Array.from({ length: captions(split, index) }, (_, i) => captionOf(split, index, i));
  return {
    file,
    width,
    fingerprint,
    count,
    captions,
    text: (split, index, caption) => {
      const number = captionOf(split, index, caption);
      if (!texts) return null;
      const from = layout.texts - layout.table;
      return table.toString(
        'utf8',
        from + entry(layout.textStarts, number),
        from + entry(layout.textStarts, number + 1),
      );
    },
    readInto: (split, index, caption, target, offset = 0) => {
      const number = captionOf(split, index, caption);
      const vector = target.subarray(offset, offset + width);
      const raw = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
      readAt(descriptor, raw, layout.vectors + number * width * 4);
      if (vector.length !== width || crc32(raw) !== entry(layout.sums, number))
        throw damaged(
          `expected caption ${number} to fit its sum, got another vector: the file was changed`,
        );
    },
    share: (split, one, other) => {
      const known = new Set(all(split, one));
      return all(split, other).some((number) => known.has(number));
    },
    close: () => closeSync(descriptor),
  };
}
