// Makes the pictures of this folder from a trained run, with the command line app: node docs/images/make-images.mjs [PROJECT] [RUN]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeImage, imageGrid, writePng } from '@lapyra/images';

const SIDE = 56; // 7 · 8 = 4 · 14 = 2 · 28
const COUNT = 8;

const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const project = resolve(process.argv[2] ?? 'playground');
const run = process.argv[3] ?? 'quick';
const lapyra = (...args) =>
  execFileSync(process.execPath, [here('../../packages/lapyra/bin/lapyra.js'), ...args], {
    cwd: project,
    stdio: 'inherit',
  });

lapyra('sample', run, '-n', '64', '--seed', '1', '--out', here('samples.png'));

const drafts = mkdtempSync(join(tmpdir(), 'lapyra-images-'));
const draw = (folder, ...flags) => {
  const out = join(drafts, folder);
  lapyra('sample', run, '-n', String(COUNT), '--seed', '3', '--out', out, ...flags);
  return out;
};
const plain = draw('plain', '--all-levels');
const rows = [
  ['8×8', join(plain, '8')],
  ['14×14', join(plain, '14')],
  ['28×28', plain],
  ['--reroll 28=4', draw('fine', '--reroll', '28=4')],
  ['--reroll 14=4', draw('middle', '--reroll', '14=4')],
  ['--reroll 8=4', draw('first', '--reroll', '8=4')],
];
const images = [];
for (const [, folder] of rows) {
  const files = readdirSync(folder).filter((name) => name.endsWith('.png'));
  for (const name of files.slice(0, COUNT)) images.push(await enlarged(join(folder, name)));
}
await writePng(
  here('levels.png'),
  imageGrid({
    images: new Uint8Array(Buffer.concat(images)),
    size: [SIDE, SIDE],
    channels: 3,
    columns: COUNT,
    rowLabels: rows.map(([label]) => label.replaceAll('×', 'x')),
  }),
);
rmSync(drafts, { recursive: true });

/** Each pixel as a square, so that all levels are equally large. */
async function enlarged(file) {
  const { size, pixels } = await decodeImage(file, { channels: 3 });
  const scale = SIDE / size[0];
  const grid = imageGrid({ images: pixels, size, channels: 3, columns: 1, gap: 0, scale });
  return Buffer.from(grid.pixels);
}
