export type ImageFormat = 'png' | 'jpeg' | 'webp';

/** Formats that are told apart only to say in a message what a file is. */
export type OtherFormat = 'gif' | 'bmp' | 'tiff' | 'avif' | 'heic' | 'jxl' | 'svg' | 'pdf';

/** How many bytes from the start of a file {@link imageFormat} wants to see. */
export const FORMAT_BYTES = 64;

/**
 * The format of a picture by its first bytes, whatever the file is called: one that this package reads, another that
 * it knows by sight, or `null` for what looks like no picture.
 */
export function imageFormat(bytes: Uint8Array): ImageFormat | OtherFormat | null {
  const text = String.fromCharCode(...bytes.subarray(0, FORMAT_BYTES)); // one char a byte
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'webp';
  if (text.startsWith('GIF8')) return 'gif';
  if (text.startsWith('BM') && text.slice(6, 10) === '\0\0\0\0') return 'bmp';
  if (text.startsWith('II*\0') || text.startsWith('MM\0*')) return 'tiff';
  if (text.slice(4, 8) === 'ftyp') return boxedFormat(text.slice(8, 12));
  if (text.startsWith('\xff\x0a') || text.startsWith('\0\0\0\x0cJXL ')) return 'jxl';
  if (text.startsWith('%PDF')) return 'pdf';
  return /^\s*<(svg|\?xml[^>]*>\s*<svg)/.test(text) ? 'svg' : null;
}

/** Whether `format` is one that this package decodes. */
export function isReadable(format: ImageFormat | OtherFormat | null): format is ImageFormat {
  return format === 'png' || format === 'jpeg' || format === 'webp';
}

function boxedFormat(brand: string): OtherFormat | null {
  if (brand.startsWith('avi')) return 'avif';
  return /^(hei|hev|mif1|msf1)/.test(brand) ? 'heic' : null;
}
