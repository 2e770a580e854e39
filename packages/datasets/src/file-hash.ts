import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** The hash of a file, read as a stream. */
export async function fileHash(
  file: string,
  algorithm: 'sha256' | 'sha512',
  encoding: 'hex' | 'base64',
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20, signal }))
    hash.update(chunk as Uint8Array);
  return hash.digest(encoding);
}
