// The start of a file that the level processes share: magic, length of the header, its crc32, the header (JSON), padding
// to 64 bytes.
import { crc32 } from 'node:zlib';
import type { Json } from '@lapyra/core';

/** @param magic 8 characters of latin1 */
export function encodeStoreHeader(magic: string, header: Json): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const bytes = Buffer.alloc(Math.ceil((16 + json.length) / 64) * 64);
  bytes.write(magic, 'latin1');
  bytes.writeUInt32LE(json.length, 8);
  bytes.writeUInt32LE(crc32(json), 12);
  json.copy(bytes, 16);
  return bytes;
}

/** The header at the start of a file; `null` if there is none with this magic or it was changed. */
export function parseStoreHeader(magic: string, start: Buffer): Json | null {
  if (start.length < 16 || start.toString('latin1', 0, 8) !== magic) return null;
  const json = start.subarray(16, 16 + start.readUInt32LE(8));
  if (json.length !== start.readUInt32LE(8) || crc32(json) !== start.readUInt32LE(12)) return null;
  return JSON.parse(json.toString()) as Json;
}
