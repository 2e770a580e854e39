import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Channels, encodePng } from '@lapyra/images';

/** 8 × 8 pixels of [200, 40, 40]; as JPEG about that. */
export const JPEG: Buffer = Buffer.from(
  '/9j/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wAARCAAIAAgDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAX/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAAAAAABAb/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIRAxEAPwCMAArn/9k=',
  'base64',
);
export const WEBP: Buffer = Buffer.from(
  'UklGRh4AAABXRUJQVlA4TBEAAAAvB8ABAAdQlCIXpf+BiOh/AAA=',
  'base64',
);

/** A PNG of one colour; as many channels as numbers. */
export async function png(colour: readonly number[], height = 4, width = 4): Promise<Uint8Array> {
  const channels = colour.length as Channels;
  const pixels = new Uint8Array(height * width * channels).map((_, i) => colour[i % channels] ?? 0);
  return await encodePng({ size: [height, width], channels, pixels });
}

/** A PNG of noise, so that half of the file is not half of nothing. */
export async function noisy(seed: number): Promise<Uint8Array> {
  const pixels = new Uint8Array(32 * 32 * 3).map((_, i) => ((i + seed) * (i + seed) * 31) % 251);
  return await encodePng({ size: [32, 32], channels: 3, pixels });
}

/** A temporary folder with these files. */
export async function makeFolder(
  files: Readonly<Record<string, Uint8Array | string>>,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lapyra-pictures-'));
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  return folder;
}
