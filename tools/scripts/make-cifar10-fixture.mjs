// Makes packages/testing/fixtures/cifar10-512.bin: 512 real images of CIFAR-10 for tests that need no download.
//
//   node tools/scripts/make-cifar10-fixture.mjs FOLDER
//
// FOLDER holds data_batch_1.bin in the official binary format: the cache folder that the dataset plugin cifar10 fills.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const RECORD_BYTES = 1 + 32 * 32 * 3;
const CLASSES = 10;
const IMAGES = 512;
const SOURCE = 'data_batch_1.bin';
const SOURCE_SHA256 = 'cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5';
const FIXTURES = fileURLToPath(new URL('../../packages/testing/fixtures/', import.meta.url));

const folder = process.argv[2];
if (folder === undefined)
  throw new Error(`make-cifar10-fixture: expected the folder of ${SOURCE}, got nothing.`);
const source = readFileSync(join(folder, SOURCE));
if (sha256(source) !== SOURCE_SHA256)
  throw new Error(`${SOURCE}: expected SHA-256 ${SOURCE_SHA256}, got ${sha256(source)}.`);

// The first images of each class, in the order of the file: 51 each, and one more of the first two classes.
const room = Array.from(
  { length: CLASSES },
  (_, label) => Math.floor(IMAGES / CLASSES) + (label < IMAGES % CLASSES ? 1 : 0),
);
const records = [];
for (let offset = 0; offset < source.length; offset += RECORD_BYTES) {
  const label = source[offset];
  if (room[label] === 0) continue;
  room[label] -= 1;
  records.push(source.subarray(offset, offset + RECORD_BYTES));
}
const fixture = Buffer.concat(records);
writeFileSync(join(FIXTURES, 'cifar10-512.bin'), fixture);
process.stdout.write(`${records.length} images, SHA-256 ${sha256(fixture)}\n`);

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}
