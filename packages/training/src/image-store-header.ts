// Layout of an image store: magic, length of the header, crc32 of the header, header (JSON), padding to 64; pixels of
// the training then the test images; labels (uint16, if any); crc32 of each image; crc32 of labels and sums.
import { crc32 } from 'node:zlib';
import type { Size } from '@lapyra/core';

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
  const json = Buffer.from(
    JSON.stringify({
      size: [...size],
      channels,
      classes,
      fingerprint,
      count: { train: count.train, test: count.test },
    }),
  );
  const bytes = Buffer.alloc(Math.ceil((16 + json.length) / 64) * 64);
  bytes.write(MAGIC, 'latin1');
  bytes.writeUInt32LE(json.length, 8);
  bytes.writeUInt32LE(crc32(json), 12);
  json.copy(bytes, 16);
  return bytes;
}

/** The header at the start of a file; `null` if there is none or it was changed. */
export function parseImageStoreHeader(start: Buffer): ImageStoreHeader | null {
  if (start.length < 16 || start.toString('latin1', 0, 8) !== MAGIC) return null;
  const json = start.subarray(16, 16 + start.readUInt32LE(8));
  if (json.length !== start.readUInt32LE(8) || crc32(json) !== start.readUInt32LE(12)) return null;
  return JSON.parse(json.toString()) as ImageStoreHeader; // its sum fits: it is what was written
}
