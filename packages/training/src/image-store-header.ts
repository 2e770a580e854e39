// Layout of an image store: its header (see store-header.ts); pixels of the training then the test images; labels
// (uint16, if any); crc32 of each image; crc32 of labels and sums.
import type { Size } from '@lapyra/core';
import { encodeStoreHeader, parseStoreHeader } from './store-header.js';

const MAGIC = 'LAPYRA\u0001\n';

/** What an image store says of itself. */
export interface ImageStoreHeader {
  readonly size: Size;
  readonly channels: 1 | 3 | 4;
  readonly classes: readonly string[] | null;
  readonly fingerprint: string;
  readonly count: { readonly train: number; readonly test: number };
}

/** Where the parts of the file begin, in bytes. */
export interface ImageStoreLayout {
  readonly pixels: number;
  readonly labels: number;
  readonly sums: number;
  /** Of the whole file. */
  readonly bytes: number;
  /** Of one image. */
  readonly image: number;
}

export function imageStoreLayout(header: ImageStoreHeader): ImageStoreLayout {
  const images = header.count.train + header.count.test;
  const image = header.size[0] * header.size[1] * header.channels;
  const pixels = encodeImageStoreHeader(header).length;
  const labels = pixels + images * image;
  const sums = labels + (header.classes ? images * 2 : 0);
  return { pixels, labels, sums, bytes: sums + images * 4 + 4, image };
}

export function encodeImageStoreHeader(header: ImageStoreHeader): Buffer {
  const { size, channels, classes, fingerprint, count } = header;
  // Written out key by key: the length must not depend on how the caller built the object.
  return encodeStoreHeader(MAGIC, {
    size: [...size],
    channels,
    classes,
    fingerprint,
    count: { train: count.train, test: count.test },
  });
}

/** The header at the start of a file; `null` if there is none or it was changed. */
export function parseImageStoreHeader(start: Buffer): ImageStoreHeader | null {
  // Its sum fits: it is what was written.
  return parseStoreHeader(MAGIC, start) as ImageStoreHeader | null;
}
