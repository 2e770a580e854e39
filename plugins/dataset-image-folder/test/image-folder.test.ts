import { createHash } from 'node:crypto';
import { cp, readdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type DatasetContext, isPlugin, type OpenDataset } from '@lapyra/core';
import { imageFolder, type ImageFolderOptions } from '@lapyra/dataset-image-folder';
import { datasetConformance, expectRefusal, listeningContext } from '@lapyra/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { JPEG, makeFolder, noisy, png, WEBP } from './pictures.js';

let folders: string[] = [];
afterEach(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
  folders = [];
});

async function make(files: Parameters<typeof makeFolder>[0]): Promise<string> {
  const folder = await makeFolder(files);
  folders.push(folder);
  return folder;
}

async function open(
  options: ImageFolderOptions,
  context: DatasetContext = listeningContext(join(options.folder, '.cache')),
): Promise<OpenDataset> {
  const settings = await imageFolder.plugin.options['~standard'].validate(options);
  if (settings.issues) throw new Error(settings.issues.map((issue) => issue.message).join('; '));
  return (await imageFolder.plugin.create(settings.value, undefined)).open(context);
}

/** All images of a part, one array each, with their labels. */
async function read(
  dataset: OpenDataset,
  split: 'train' | 'test' = 'train',
): Promise<{ pixels: number[]; label: number | null }[]> {
  const bytes = dataset.size[0] * dataset.size[1] * dataset.channels;
  const images: { pixels: number[]; label: number | null }[] = [];
  for await (const { pixels, labels } of dataset.read(split))
    for (let i = 0; i * bytes < pixels.length; i++)
      images.push({
        pixels: [...pixels.subarray(i * bytes, (i + 1) * bytes)],
        label: labels ? (labels[i] ?? -1) : null,
      });
  return images;
}

/** The order that the package promises: by SHA-256 of the path. */
function ordered(paths: readonly string[]): string[] {
  const key = (path: string): string => createHash('sha256').update(path).digest('hex');
  return paths.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

datasetConformance({
  name: 'a flat folder as a dataset',
  create: async () => {
    const folder = await make({ 'a.png': await noisy(1), 'b.jpg': JPEG, 'c.webp': WEBP });
    return { name: 'flat', open: (context) => open({ folder, size: 8 }, context) };
  },
});

datasetConformance({
  name: 'class folders as a dataset',
  create: async () => {
    const files: Record<string, Uint8Array> = {};
    for (let i = 0; i < 8; i++) files[`${i % 2 ? 'cats' : 'dogs'}/${i}.png`] = await noisy(i);
    const folder = await make(files);
    const options = { folder, size: [6, 9], channels: 4, testFraction: 0.25 } as const;
    return { name: 'classes', open: (context) => open(options, context) };
  },
});

describe('a flat folder', () => {
  it('gives every picture in one size, told by content, without labels', async () => {
    const colours: Record<string, number[]> = {
      'a.png': [10, 20, 30],
      'b.jpeg': [200, 40, 40],
      'c.webp': [200, 40, 40],
      'd.jpg': [1, 2, 3], // a PNG in truth
      'no-ending': [9, 8, 7],
    };
    const folder = await make({
      'a.png': await png([10, 20, 30], 5, 9),
      'b.jpeg': JPEG,
      'c.webp': WEBP,
      'd.jpg': await png([1, 2, 3], 30, 3),
      'no-ending': await png([9, 8, 7], 1, 1),
      '.hidden.png': 'not looked at',
      'Thumbs.db': 'nor this',
    });
    const context = listeningContext(join(folder, '.cache'));
    const dataset = await open({ folder, size: [3, 4] }, context);
    expect(dataset.size).toEqual([3, 4]);
    expect(dataset.channels).toBe(3);
    expect(dataset.classes).toBeNull();
    expect(dataset.count).toEqual({ train: 5, test: 0 });
    const images = await read(dataset);
    ordered(Object.keys(colours)).forEach((path, i) => {
      expect(images[i]?.label).toBeNull();
      expect(images[i]?.pixels).toHaveLength(3 * 4 * 3);
      images[i]?.pixels.forEach((value, at) =>
        expect(Math.abs(value - (colours[path]?.[at % 3] ?? NaN)), path).toBeLessThanOrEqual(
          path === 'b.jpeg' ? 6 : 0,
        ),
      );
    });
    expect(await read(dataset, 'test')).toEqual([]);
    expect(context.notices).toEqual([]);
    expect(context.events.at(-1)).toEqual({
      what: 'reading images',
      done: 5,
      total: 5,
      unit: 'images',
    });
  });

  it('leaves other files out with a notice', async () => {
    const folder = await make({
      'a.png': await png([1, 1, 1]),
      'list.csv': 'a.png,1',
      'moving.gif': 'GIF89a',
    });
    const context = listeningContext(join(folder, '.cache'));
    expect((await open({ folder, size: 2 }, context)).count.train).toBe(1);
    expect(context.notices).toEqual([
      'imageFolder: left out 2 files with something else than a PNG, JPEG or WebP picture, for example list.csv.',
    ]);
  });

  it('reads many pictures in batches, in order', async () => {
    const files: Record<string, Uint8Array> = {};
    for (let i = 0; i < 300; i++) files[`${i}.png`] = await png([i % 256], 1, 1);
    const folder = await make(files);
    const dataset = await open({ folder, size: 1, channels: 1 });
    const sizes: number[] = [];
    for await (const { pixels } of dataset.read('train')) sizes.push(pixels.length);
    expect(sizes).toEqual([256, 44]);
    expect((await read(dataset)).map(({ pixels }) => pixels[0])).toEqual(
      ordered(Object.keys(files)).map((path) => Number.parseInt(path, 10) % 256),
    );
  });
});

describe('class folders', () => {
  it('become labels, in the order of their names', async () => {
    const folder = await make({
      'dogs/1.png': await png([2, 2, 2]),
      'cats/1.png': await png([1, 1, 1]),
      'cats/2.png': await png([1, 1, 1]),
      'notes/readme.txt': 'no class: no picture',
      'readme.txt': 'fine',
    });
    const dataset = await open({ folder, size: 2 });
    expect(dataset.classes).toEqual(['cats', 'dogs']);
    const images = await read(dataset);
    expect(images).toHaveLength(3);
    for (const { pixels, label } of images) expect(pixels[0]).toBe((label ?? -1) + 1);
  });

  it('may be links', async () => {
    const elsewhere = await make({ '1.png': await png([5, 5, 5]) });
    const folder = await make({ 'a/1.png': await png([4, 4, 4]) });
    await symlink(elsewhere, join(folder, 'b'));
    expect((await open({ folder, size: 1 })).classes).toEqual(['a', 'b']);
  });

  it('are split by class for testing', async () => {
    const files: Record<string, Uint8Array> = {};
    for (let i = 0; i < 10; i++) files[`a/${i}.png`] = await png([0, 0, i]);
    for (let i = 0; i < 20; i++) files[`b/${i}.png`] = await png([1, 0, i]);
    const folder = await make(files);
    const dataset = await open({ folder, size: 4, testFraction: 0.2 });
    expect(dataset.count).toEqual({ train: 24, test: 6 });
    const key = ({ pixels }: { pixels: number[] }): string => pixels.slice(0, 3).join();
    const test = await read(dataset, 'test');
    const train = await read(dataset);
    expect(test.map((image) => image.label).filter((label) => label === 0)).toHaveLength(2);
    expect(test).toHaveLength(6);
    expect(new Set([...test, ...train].map(key)).size).toBe(30);
  });

  it('mixed with loose pictures, or deeper than one folder, are refused by example', async () => {
    const picture = await png([1, 1, 1]);
    const mixed = await make({ '1.png': picture, 'cats/1.png': picture, 'cats/2.png': picture });
    const first = await expectRefusal(open({ folder: mixed, size: 2 }));
    expect([first.code, first.message]).toEqual([
      'LAPYRA_DATASET_LAYOUT',
      `imageFolder: ${mixed}: expected pictures either in the folder itself or in one folder a class, got both: 1 in it (1.png) and 2 in folders (cats/1.png).`,
    ]);
    const nested = await make({ 'cats/1.png': picture, 'cats/old/2.png': picture });
    const second = await expectRefusal(open({ folder: nested, size: 2 }));
    expect([second.code, second.message]).toEqual([
      'LAPYRA_DATASET_LAYOUT',
      `imageFolder: ${nested}: expected pictures either in the folder itself or in one folder a class, got 1 deeper down, for example cats/old/2.png.`,
    ]);
  });
});

describe('channels and fit', () => {
  it('composites transparent pictures on white or black, keeps alpha for four, makes grey for one', async () => {
    const folder = await make({ 'a.png': await png([200, 100, 0, 51]) }); // a fifth opaque
    const pixel = async (options: Partial<ImageFolderOptions>): Promise<number[] | undefined> =>
      (await read(await open({ folder, size: 1, ...options })))[0]?.pixels;
    expect(await pixel({})).toEqual([244, 224, 204]);
    expect(await pixel({ background: 'black' })).toEqual([40, 20, 0]);
    expect(await pixel({ channels: 4 })).toEqual([200, 100, 0, 51]);
    // 0.299 · 244 + 0.587 · 224 + 0.114 · 204 = 227.7
    expect(await pixel({ channels: 1 })).toEqual([228]);
    const grey = await make({ 'a.png': await png([77]) });
    expect((await read(await open({ folder: grey, size: 1 })))[0]?.pixels).toEqual([77, 77, 77]);
  });

  it('covers, contains and stretches', async () => {
    const folder = await make({ 'wide.png': await png([50], 2, 4) });
    const pixels = async (options: Partial<ImageFolderOptions>): Promise<number[] | undefined> =>
      (await read(await open({ folder, size: 4, channels: 1, ...options })))[0]?.pixels;
    expect(await pixels({})).toEqual(Array(16).fill(50));
    expect(await pixels({ fit: 'stretch' })).toEqual(Array(16).fill(50));
    const [white, inked] = [Array(4).fill(255), Array(8).fill(50)];
    expect(await pixels({ fit: 'contain' })).toEqual([...white, ...inked, ...white]);
    expect(await pixels({ fit: 'contain', anchor: 'top' })).toEqual([...inked, ...white, ...white]);
    expect(await pixels({ fit: 'contain', background: 'black' })).toEqual([
      ...Array(4).fill(0),
      ...inked,
      ...Array(4).fill(0),
    ]);
  });
});

describe('corrupt pictures', () => {
  async function damaged(): Promise<string> {
    const [whole, other] = [await noisy(1), await noisy(2)];
    return await make({
      'cats/good.png': whole,
      'cats/half.png': other.subarray(0, other.length / 2),
      'dogs/empty.jpg': '',
      'dogs/good.png': await noisy(3),
      'dogs/text.webp': 'hello',
      'fish/half.png': other.subarray(0, other.length / 2),
    });
  }
  const HEADER_FAULTS = [
    'dogs/empty.jpg: expected a PNG, JPEG or WebP picture, got an empty file',
    'dogs/text.webp: expected a PNG, JPEG or WebP picture, got a file that starts with 68 65 6c 6c',
  ];

  it('are refused by name: at once what the header shows, when read what decoding shows', async () => {
    const folder = await damaged();
    const early = await expectRefusal(open({ folder, size: 4 }));
    expect(early.code).toBe('LAPYRA_DATASET_CORRUPT');
    expect(early.message).toBe(
      `imageFolder: expected pictures that can be decoded, got 2 that cannot:\n${HEADER_FAULTS.map((line) => `  ${line}`).join('\n')}`,
    );
    expect(early.hint).toContain("onCorrupt: 'skip'");
    await rm(join(folder, 'dogs/empty.jpg'));
    await rm(join(folder, 'dogs/text.webp'));
    const dataset = await open({ folder, size: 4 });
    const late = await expectRefusal(read(dataset));
    expect(late.code).toBe('LAPYRA_DATASET_CORRUPT');
    expect(late.message).toMatch(
      /got 1 that cannot:\n {2}(cats|fish)\/half\.png: expected a whole picture, got a corrupt or truncated one \(.+\)$/,
    );
  });

  it('are skipped with a notice each, and the count is that of the good ones', async () => {
    const folder = await damaged();
    const context = listeningContext(join(folder, '.cache'));
    const dataset = await open({ folder, size: 4, onCorrupt: 'skip' }, context);
    expect(dataset.count).toEqual({ train: 2, test: 0 });
    expect(dataset.classes).toEqual(['cats', 'dogs']);
    expect(new Set((await read(dataset)).map((image) => image.label))).toEqual(new Set([0, 1]));
    const half =
      /^imageFolder: left out (cats|fish)\/half\.png: expected a whole picture, got .+\.$/;
    expect(context.notices).toEqual([
      expect.stringMatching(half),
      ...HEADER_FAULTS.map((line) => `imageFolder: left out ${line}.`),
      expect.stringMatching(half),
      'imageFolder: left out class fish: none of its pictures can be decoded.',
    ]);
  });

  it('are remembered, so that a second start need not decode everything to count', async () => {
    const folder = await damaged();
    const options = { folder, size: 4, onCorrupt: 'skip' } as const;
    const first = listeningContext(join(folder, '.cache'));
    const { fingerprint } = await open(options, first);
    expect(first.events.map((event) => event.what)).toContain('checking images');
    const second = listeningContext(join(folder, '.cache'));
    const again = await open(options, second);
    expect(second.events.map((event) => event.what)).not.toContain('checking images');
    expect(second.notices).toEqual(first.notices);
    expect([again.fingerprint, again.count.train]).toEqual([fingerprint, 2]);
    // A damaged note is made anew; a picture that was repaired is seen.
    const [note = ''] = await readdir(join(folder, '.cache'));
    await writeFile(join(folder, '.cache', note), '[["cats');
    expect((await open(options)).count.train).toBe(2);
    await writeFile(join(folder, 'cats/half.png'), await noisy(2));
    expect((await open(options)).count.train).toBe(3);
  });

  it('that are too large are refused or skipped by their header', async () => {
    const folder = await make({ 'a.png': await png([1], 20, 30), 'b.png': await png([1], 2, 2) });
    const fault = 'a.png: expected at most 500 pixels, got 20 × 30 (height × width)';
    expect((await expectRefusal(open({ folder, size: 2, maxPixels: 500 }))).message).toContain(
      fault,
    );
    const context = listeningContext(join(folder, '.cache'));
    const dataset = await open({ folder, size: 2, maxPixels: 500, onCorrupt: 'skip' }, context);
    expect(dataset.count.train).toBe(1);
    expect(context.notices).toEqual([`imageFolder: left out ${fault}.`]);
  });

  it('are listed to a limit', async () => {
    const files: Record<string, string> = {};
    for (let i = 0; i < 25; i++) files[`${i}.png`] = 'x';
    const folder = await make({ ...files, 'good.png': await png([1]) });
    const { message } = await expectRefusal(open({ folder, size: 2 }));
    expect(message.split('\n')).toHaveLength(12);
    expect(message).toMatch(/got 25 that cannot:\n[^]+\n {2}and 15 more$/);
    const context = listeningContext(join(folder, '.cache'));
    await open({ folder, size: 2, onCorrupt: 'skip' }, context);
    expect(context.notices).toHaveLength(21);
    expect(context.notices.at(-1)).toBe('imageFolder: left out 5 more pictures.');
  });

  it('and nothing else is an empty set', async () => {
    const folder = await make({ 'a.png': 'x' });
    const error = await expectRefusal(open({ folder, size: 2, onCorrupt: 'skip' }));
    expect([error.code, error.message]).toEqual([
      'LAPYRA_DATASET_EMPTY',
      `imageFolder: ${folder}: expected at least one picture that can be decoded, got 1 that cannot.`,
    ]);
  });
});

describe('a folder that cannot be used', () => {
  it('is refused: missing, a file, empty, without pictures', async () => {
    const folder = await make({ 'notes.txt': 'x' });
    const missing = join(folder, 'none');
    const first = await expectRefusal(open({ folder: missing, size: 2 }));
    expect([first.code, first.message]).toEqual([
      'LAPYRA_DATASET_FOLDER',
      `imageFolder: ${missing}: expected a folder, got nothing.`,
    ]);
    const file = join(folder, 'notes.txt');
    expect((await expectRefusal(open({ folder: file, size: 2 }))).message).toBe(
      `imageFolder: ${file}: expected a folder, got a file.`,
    );
    const second = await expectRefusal(open({ folder, size: 2 }));
    expect([second.code, second.message]).toEqual([
      'LAPYRA_DATASET_EMPTY',
      `imageFolder: ${folder}: expected PNG, JPEG or WebP pictures, got none among 1 file (notes.txt).`,
    ]);
    const empty = await make({});
    expect((await expectRefusal(open({ folder: empty, size: 2 }))).message).toBe(
      `imageFolder: ${empty}: expected PNG, JPEG or WebP pictures, got none.`,
    );
  });

  it('is noticed when it changes between opening and reading', async () => {
    const folder = await make({ 'a.png': await png([1, 1, 1]), 'b.png': await png([2, 2, 2]) });
    const dataset = await open({ folder, size: 2 });
    await writeFile(join(folder, 'a.png'), await png([3, 3, 3]));
    const first = await expectRefusal(read(dataset));
    expect([first.code, first.message]).toEqual([
      'LAPYRA_DATASET_CHANGED',
      'imageFolder: a.png: expected the file as it was when the folder was opened, got other bytes.',
    ]);
    await rm(join(folder, 'a.png'));
    expect((await expectRefusal(read(dataset))).message).toContain('got ENOENT.');
  });

  it('says when its notes cannot be written', async () => {
    const folder = await make({ 'a.png': await png([1]), 'x.txt': '' });
    const context = listeningContext(join(folder, 'x.txt', 'cache'));
    const error = await expectRefusal(open({ folder, size: 2, onCorrupt: 'skip' }, context));
    expect(error.code).toBe('LAPYRA_DATASET_CACHE');
    expect(error.message).toMatch(
      /\.json: expected a place to write what was found, got ENOTDIR\.$/,
    );
  });

  it('stops when it is told to', async () => {
    const folder = await make({ 'a.png': await png([1]), 'b.png': await png([1]) });
    const stop = new AbortController();
    const context = listeningContext(join(folder, '.cache'), { signal: stop.signal });
    const dataset = await open({ folder, size: 1 }, context);
    stop.abort(new Error('stop'));
    await expect(read(dataset)).rejects.toThrow('stop');
    await expect(open({ folder, size: 1 }, context)).rejects.toThrow('stop');
  });
});

describe('the fingerprint', () => {
  it('follows names, contents and what changes pixels, not times and places', async () => {
    const folder = await make({ 'a/1.png': await png([1, 1, 1]), 'b/1.png': await png([2, 2, 2]) });
    const print = async (options: Partial<ImageFolderOptions> = {}): Promise<string> =>
      (await open({ folder, size: 4, ...options })).fingerprint;
    const first = await print();
    expect(first).toMatch(/^image-folder:[0-9a-f]{32}$/);
    await utimes(join(folder, 'a/1.png'), 0, 0);
    const copy = join(dirname(folder), `${basename(folder)}-copy`);
    folders.push(copy);
    await cp(folder, copy, { recursive: true });
    expect(await print()).toBe(first);
    expect(await print({ folder: copy, size: [4, 4], onCorrupt: 'skip' })).toBe(first);
    const others = [
      await print({ size: 5 }),
      await print({ fit: 'contain' }),
      await print({ anchor: 'top' }),
      await print({ channels: 4 }),
      await print({ background: 'black' }),
      await print({ testFraction: 0.1 }),
    ];
    await rename(join(folder, 'b/1.png'), join(folder, 'b/2.png'));
    others.push(await print());
    await writeFile(join(folder, 'b/2.png'), await png([2, 2, 3]));
    others.push(await print());
    expect(new Set([first, ...others]).size).toBe(9);
  });
});

describe('imageFolder', () => {
  it('is a descriptor in a config and a plugin of kind dataset', async () => {
    expect(imageFolder({ folder: 'pictures', size: 32 })).toEqual({
      use: '@lapyra/dataset-image-folder#imageFolder',
      options: { folder: 'pictures', size: 32 },
    });
    expect(isPlugin(imageFolder)).toBe(true);
    const file = new URL('../package.json', import.meta.url);
    const manifest = JSON.parse(await readFile(file, 'utf8')) as { lapyra: unknown };
    expect(manifest.lapyra).toEqual({ contract: 2, plugins: { imageFolder: 'dataset' } });
  });

  it('refuses wrong options, all at once', async () => {
    const check = async (options: unknown): Promise<string[]> => {
      const result = await imageFolder.plugin.options['~standard'].validate(options);
      return (result.issues ?? []).map((issue) => issue.message);
    };
    expect(await check({ folder: '', size: 2.5, fit: 'crop', sise: 3 })).toEqual([
      'Expected the path of a folder, got an empty string',
      'Expected a whole number of pixels from 1 to 8192, or [height, width], got 2.5',
      'Invalid type: Expected ("cover" | "contain" | "stretch") but received "crop"',
      'Invalid key: Expected never but received "sise"',
    ]);
    expect(await check({ size: [4, 4, 3] })).toEqual([
      'Invalid key: Expected "folder" but received undefined',
      'Expected a whole number of pixels from 1 to 8192, or [height, width], got [4,4,3]',
    ]);
    expect(await check({ folder: 'x', size: [4, 5], channels: 2, testFraction: 1 })).toEqual([
      'Invalid type: Expected (1 | 3 | 4) but received 2',
      'Expected a share below 1, got 1',
    ]);
  });
});
