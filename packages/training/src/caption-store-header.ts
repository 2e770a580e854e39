// Layout of a caption store: its header (see store-header.ts); vectors [captions, width] float32; the table (a part after
// the other: for each image where its captions begin, uint32 [images + 1]; numbers of captions, uint32 [uses]; where each
// caption's text begins, uint32 [captions + 1]; crc32 of each vector; texts, UTF-8); the foot: numbers of captions, of uses
// and of bytes of text, uint32 each, and the crc32 of table and foot. A caption that several images share stands in it once.
import { encodeStoreHeader, parseStoreHeader } from './store-header.js';

const MAGIC = 'LAPYRA\u0002\n';

/** What a caption store says of itself. */
export interface CaptionStoreHeader {
  /** Length of a vector. */
  readonly width: number;
  /** Whether captions have texts. */
  readonly texts: boolean;
  /** Of images, captions and encoder. */
  readonly fingerprint: string;
  /** Images. */
  readonly count: { readonly train: number; readonly test: number };
}

/** Numbers of what is in the file. */
export interface CaptionStoreFoot {
  readonly captions: number;
  readonly uses: number;
  readonly textBytes: number;
}

/** Of the foot, in bytes. */
export const FOOT_BYTES = 16;

/** Where the parts of the file begin, in bytes. */
export interface CaptionStoreLayout {
  readonly vectors: number;
  readonly table: number;
  readonly uses: number;
  readonly textStarts: number;
  readonly sums: number;
  readonly texts: number;
  readonly foot: number;
  /** Of the whole file. */
  readonly bytes: number;
}

export function captionStoreLayout(
  header: CaptionStoreHeader,
  { captions, uses: count, textBytes }: CaptionStoreFoot,
): CaptionStoreLayout {
  const vectors = encodeCaptionStoreHeader(header).length;
  const table = vectors + captions * header.width * 4;
  const uses = table + (header.count.train + header.count.test + 1) * 4;
  const textStarts = uses + count * 4;
  const sums = textStarts + (captions + 1) * 4;
  const texts = sums + captions * 4;
  const foot = texts + textBytes;
  return { vectors, table, uses, textStarts, sums, texts, foot, bytes: foot + FOOT_BYTES };
}

export function encodeCaptionStoreHeader(header: CaptionStoreHeader): Buffer {
  const { width, texts, fingerprint, count } = header;
  return encodeStoreHeader(MAGIC, {
    width,
    texts,
    fingerprint,
    count: { train: count.train, test: count.test },
  });
}

/** The header at the start of a file; `null` if there is none or it was changed. */
export function parseCaptionStoreHeader(start: Buffer): CaptionStoreHeader | null {
  // Its sum fits: it is what was written.
  return parseStoreHeader(MAGIC, start) as CaptionStoreHeader | null;
}
