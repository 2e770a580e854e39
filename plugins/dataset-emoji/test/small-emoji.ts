// A sheet of 4 × 4 images with names, published as the real one is.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePng } from '@lapyra/images';
import { c as createTar } from 'tar';
import type { World } from '../src/open-emoji.js';
import type { EmojiSize } from '../src/publication.js';

const SIDE = 4;
const PITCH = 16 + 2;

/** Value of the image at (column, row), pixel (y, x), channel c. */
export function value(column: number, row: number, y: number, x: number, c: number): number {
  return (column * 37 + row * 61 + y * 5 + x * 3 + c * 80) % 256;
}

/** The upper left pixel of each image is transparent. */
export const isTransparent = (y: number, x: number): boolean => y === 0 && x === 0;

interface SmallEntry {
  readonly unified: string;
  readonly name: string;
  readonly short_names: readonly string[];
  readonly category: string;
  readonly subcategory: string;
  readonly skin_variations?: Readonly<Record<string, object>>;
}

const ENTRIES: readonly SmallEntry[] = [
  {
    unified: '1F408',
    name: 'CAT',
    short_names: ['cat2'],
    category: 'Animals & Nature',
    subcategory: 'animal-mammal',
  },
  {
    unified: '1F431',
    name: 'CAT FACE',
    short_names: ['cat'],
    category: 'Animals & Nature',
    subcategory: 'animal-mammal',
  },
  {
    unified: '1F400',
    name: 'RAT',
    short_names: ['rat'],
    category: 'Animals & Nature',
    subcategory: 'animal-mammal',
  },
  {
    unified: '1F499',
    name: 'BLUE HEART',
    short_names: ['blue_heart'],
    category: 'Smileys & Emotion',
    subcategory: 'heart',
  },
  {
    unified: '2764-FE0F',
    name: 'HEAVY BLACK HEART',
    short_names: ['heart'],
    category: 'Smileys & Emotion',
    subcategory: 'heart',
  },
  {
    unified: '1F1E7-1F1EA',
    name: 'Belgium Flag',
    short_names: ['flag-be'],
    category: 'Flags',
    subcategory: 'country-flag',
  },
  {
    unified: '1F1E8-1F1EE',
    name: 'Côte d’Ivoire Flag',
    short_names: ['flag-ci'],
    category: 'Flags',
    subcategory: 'country-flag',
  },
  {
    unified: '1F3C3',
    name: 'RUNNER',
    short_names: ['runner', 'running'],
    category: 'People & Body',
    subcategory: 'person-activity',
    skin_variations: { '1F3FB': at(1, 3), '1F3FF': at(2, 3) },
  },
  {
    unified: '1F3C3-200D-2640-FE0F',
    name: 'WOMAN RUNNING',
    short_names: ['woman-running'],
    category: 'People & Body',
    subcategory: 'person-activity',
  },
  {
    unified: '1F9C2',
    name: 'SALT SHAKER',
    short_names: ['salt'],
    category: 'Food & Drink',
    subcategory: 'food-prepared',
  },
  {
    unified: '1FAE0',
    name: 'NOT DRAWN YET',
    short_names: ['not_drawn_yet'],
    category: 'Food & Drink',
    subcategory: 'food-prepared',
  },
];

function at(sheet_x: number, sheet_y: number): object {
  return { unified: `1F3C3-TONE-${sheet_x}`, sheet_x, sheet_y, has_img_twitter: true };
}

export interface Small {
  readonly root: string;
  readonly publication: World['publication'];
  readonly tarball: Buffer;
}

/** Make the npm tarball below a temporary folder; image i stands at column i mod 4, row ⌊i / 4⌋. */
export async function makeSmall(changes: readonly SmallEntry[] = []): Promise<Small> {
  const root = await mkdtemp(join(tmpdir(), 'lapyra-emoji-'));
  const sheets = join(root, 'package', 'img', 'twitter', 'sheets');
  await mkdir(sheets, { recursive: true });
  const listed = [...ENTRIES, ...changes].map((entry, i) => ({
    ...entry,
    sheet_x: i % SIDE,
    sheet_y: Math.floor(i / SIDE),
    has_img_twitter: entry.name !== 'NOT DRAWN YET',
  }));
  const names = JSON.stringify(listed);
  const sheet = await drawSheet();
  await writeFile(join(root, 'package', 'emoji.json'), names);
  await writeFile(join(sheets, '16.png'), sheet);
  await writeFile(join(root, 'package', 'README.md'), 'not needed');
  await createTar({ file: join(root, 'p.tgz'), gzip: true, cwd: root }, ['package']);
  const tarball = await readFile(join(root, 'p.tgz'));
  const none = Object.fromEntries([20, 32, 64].map((size) => [size, '0'.repeat(64)]));
  return {
    root,
    tarball,
    publication: {
      npmPackage: {
        spec: 'emoji-datasource-twitter@16.0.0',
        size: tarball.length,
        integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}`,
      },
      names: sha256(names),
      sheets: { 16: sha256(sheet), ...none } as Record<EmojiSize, string>,
    },
  };
}

async function drawSheet(): Promise<Uint8Array> {
  const side = SIDE * PITCH;
  const pixels = new Uint8Array(side * side * 4);
  for (let row = 0; row < SIDE; row++)
    for (let column = 0; column < SIDE; column++)
      for (let y = 0; y < 16; y++)
        for (let x = 0; x < 16; x++) {
          const to = ((row * PITCH + 1 + y) * side + column * PITCH + 1 + x) * 4;
          for (let c = 0; c < 3; c++) pixels[to + c] = value(column, row, y, x, c);
          pixels[to + 3] = isTransparent(y, x) ? 0 : 255;
        }
  return encodePng({ size: [side, side], channels: 4, pixels });
}

/** Stands for npm and a registry that answer with `tarball`. */
export function registry(
  { publication }: Pick<Small, 'publication'>,
  tarball: Buffer,
  integrity: string = publication.npmPackage.integrity,
): World['npm'] {
  return async (args) => {
    if (args[0] === 'view') return JSON.stringify({ integrity });
    const destination = args[args.indexOf('--pack-destination') + 1] ?? '';
    await writeFile(join(destination, 'emoji-datasource-twitter-16.0.0.tgz'), tarball);
    return '[]';
  };
}

function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
