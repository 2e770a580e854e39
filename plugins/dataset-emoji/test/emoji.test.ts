import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DatasetContext, isPlugin, type OpenDataset } from '@lapyra/core';
import { emoji } from '@lapyra/dataset-emoji';
import { SourceFailure } from '@lapyra/datasets';
import { datasetConformance, expectRefusal, listeningContext } from '@lapyra/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EmojiSettings, openEmoji, type World } from '../src/open-emoji.js';
import { isTransparent, makeSmall, registry, type Small, value } from './small-emoji.js';

let small: Small;
let cache = '';
beforeAll(async () => {
  small = await makeSmall();
});
afterAll(() => rm(small.root, { recursive: true }));
beforeEach(async () => {
  cache = await mkdtemp(join(small.root, 'cache-'));
});
afterEach(() => rm(cache, { recursive: true }));

async function settings(given: object): Promise<EmojiSettings> {
  const result = await emoji.plugin.options['~standard'].validate(given);
  if (result.issues) throw new Error(result.issues.map(({ message }) => message).join('; '));
  return result.value;
}

async function open(
  given: object = {},
  context: DatasetContext = listeningContext(cache),
  world: World = { publication: small.publication, npm: registry(small, small.tarball) },
): Promise<OpenDataset> {
  return openEmoji(await settings({ size: 16, testFraction: 0, ...given }), context, world);
}

async function texts(
  dataset: OpenDataset,
  split: 'train' | 'test' = 'train',
): Promise<(readonly string[])[]> {
  const all: (readonly string[])[] = [];
  for await (const batch of dataset.captions!.read(split)) all.push(...(batch.texts ?? []));
  return all;
}

async function pixelsOf(dataset: OpenDataset, name: string): Promise<Uint8Array> {
  const index = (await texts(dataset)).findIndex(([first]) => first === name);
  for await (const { pixels } of dataset.read('train'))
    return pixels.subarray(index * 768, (index + 1) * 768);
  throw new Error('no images');
}

datasetConformance({
  name: 'emojis as a dataset',
  create: () => ({
    name: 'emoji',
    open: async (context) => {
      const given = await settings({ size: 16, skinTones: true, testFraction: 0.5 });
      const npm = registry(small, small.tarball);
      return openEmoji(given, context, { publication: small.publication, npm });
    },
  }),
});

describe('emoji', () => {
  it('is a descriptor in a config and a plugin of kind dataset', async () => {
    expect(emoji({ size: 16 })).toEqual({
      use: '@lapyra/dataset-emoji#emoji',
      options: { size: 16 },
    });
    expect(isPlugin(emoji)).toBe(true);
    const manifest = JSON.parse(
      await readFile(new URL('../package.json', import.meta.url), 'utf8'),
    ) as { lapyra: unknown };
    expect(manifest.lapyra).toEqual({ contract: 2, plugins: { emoji: 'dataset' } });
  });

  it.each([
    [{ size: 24 }, 'Invalid type: Expected (16 | 20 | 32 | 64) but received 24'],
    [{ texts: [] }, 'Expected at least one kind of text, got none'],
    [{ texts: ['name', 'name'] }, 'Expected each kind of text once, got one of them twice'],
    [{ categories: [] }, 'Expected at least one category, got none'],
    [{ categories: ['Flags', 'Flags'] }, 'Expected each category once, got one of them twice'],
    [{ testFraction: 1 }, 'Expected a share below 1, got 1'],
  ])('refuses %j', async (given, message) => {
    const { issues } = await emoji.plugin.options['~standard'].validate(given);
    expect(issues?.map((issue) => issue.message)).toEqual([message]);
  });

  it('cuts each image out of the sheet, with the background behind it', async () => {
    const white = await pixelsOf(await open(), 'heavy black heart'); // the fifth: column 0, row 1
    const black = await pixelsOf(await open({ background: 'black' }), 'heavy black heart');
    for (let y = 0; y < 16; y++)
      for (let x = 0; x < 16; x++)
        for (let c = 0; c < 3; c++) {
          const at = (y * 16 + x) * 3 + c;
          const drawn = isTransparent(y, x) ? null : value(0, 1, y, x, c);
          expect(white[at], `${y} ${x} ${c}`).toBe(drawn ?? 255);
          expect(black[at], `${y} ${x} ${c}`).toBe(drawn ?? 0);
        }
  });

  it('calls each by its name, its short names, and its name and kind', async () => {
    const said = await texts(await open());
    expect(said).toHaveLength(10); // not the one that is not drawn yet
    for (const expected of [
      ['cat', 'cat2', 'cat, animal mammal'],
      ['rat', 'rat, animal mammal'],
      ['blue heart', 'blue heart, heart'],
      ['côte d’ivoire flag', 'flag ci', 'côte d’ivoire flag, country flag'],
      ['runner', 'running', 'runner, person activity'],
    ])
      expect(said).toContainEqual(expected);
    expect(await texts(await open({ texts: ['short'], categories: ['Flags'] }))).toEqual(
      expect.arrayContaining([['flag be'], ['flag ci']]),
    );
  });

  it('has people in each skin tone if told so', async () => {
    const dataset = await open({ skinTones: true, texts: ['name'], categories: ['People & Body'] });
    expect((await texts(dataset)).map(([name]) => name ?? '').toSorted()).toEqual([
      'runner',
      'runner, dark skin tone',
      'runner, light skin tone',
      'woman running',
    ]);
    const dark = await pixelsOf(dataset, 'runner, dark skin tone'); // column 2, row 3
    expect(dark[767]).toBe(value(2, 3, 15, 15, 2));
  });

  it('labels each with its subcategory', async () => {
    const dataset = await open();
    const names = (await texts(dataset)).map(([name]) => name);
    expect(dataset.classes).toEqual([
      'animal-mammal',
      'country-flag',
      'food-prepared',
      'heart',
      'person-activity',
    ]);
    for await (const { labels } of dataset.read('train'))
      expect([names.indexOf('rat'), names.indexOf('blue heart')].map((i) => labels?.[i])).toEqual([
        0, 3,
      ]);
  });

  it('keeps groups together, for training or for testing, by their names alone', async () => {
    const dataset = await open({ testFraction: 0.5, texts: ['name'] });
    const [train, test] = [await texts(dataset), await texts(dataset, 'test')].map((part) =>
      part.map(([name]) => name),
    );
    // `printf %s GROUP | sha256sum` begins with 9 or e for the rat and the black heart, with 0…7 for the others.
    expect(train).toEqual(expect.arrayContaining(['rat', 'heavy black heart']));
    expect(train).toHaveLength(2);
    expect(test).toHaveLength(8);
    const few = await texts(await open({ testFraction: 0.25, texts: ['name'] }), 'test');
    expect(few.map(([name]) => name ?? '').toSorted()).toEqual([
      'blue heart', // 21…
      'côte d’ivoire flag', // 18…
      'salt shaker', // 35…
    ]);
    const more = await makeSmall([
      {
        unified: '1F680',
        name: 'ROCKET',
        short_names: ['rocket'],
        category: 'Travel & Places',
        subcategory: 'transport-air',
      },
    ]);
    const world = { publication: more.publication, npm: registry(more, more.tarball) };
    await rm(join(cache, 'emoji-datasource-twitter-16.0.0-16'), { recursive: true });
    const larger = await open({ testFraction: 0.5, texts: ['name'] }, undefined, world);
    const still = (await texts(larger, 'test')).map(([name]) => name);
    expect(still.filter((name) => name !== 'rocket')).toEqual(test);
    await rm(more.root, { recursive: true });
  });

  it('changes its fingerprints with what they are of', async () => {
    const one = await open();
    const toned = await open({ skinTones: true });
    const named = await open({ texts: ['name'] });
    expect(named.fingerprint).toBe(one.fingerprint); // the images are the same
    expect(named.captions?.fingerprint).not.toBe(one.captions?.fingerprint);
    expect(toned.fingerprint).not.toBe(one.fingerprint);
    expect((await open({ background: 'black' })).fingerprint).not.toBe(one.fingerprint);
  });

  it('refuses to train on nothing', async () => {
    await expectRefusal(
      open({ categories: ['Symbols'] }),
      'LAPYRA_DATASET_EMPTY',
      'emoji: expected emojis of Symbols, got none.',
    );
    const { hint } = await expectRefusal(
      open({ testFraction: 0.999 }),
      'LAPYRA_DATASET_EMPTY',
      'emoji: expected emojis to train on, got 10, all for testing.',
    );
    expect(hint).toBe('Lower testFraction, or take more categories.');
  });
});

describe('the npm package', () => {
  it('is fetched once, and only what is needed of it kept', async () => {
    await open();
    const folder = join(cache, 'emoji-datasource-twitter-16.0.0-16');
    expect((await readdir(folder, { recursive: true })).toSorted()).toEqual([
      'emoji.json',
      'img',
      join('img', 'twitter'),
      join('img', 'twitter', 'sheets'),
      join('img', 'twitter', 'sheets', '16.png'),
    ]);
    const offline = { publication: small.publication, npm: noNpm };
    expect((await open({}, undefined, offline)).count.train).toBe(10);
  });

  it('is asked for again if the copy was damaged, with a notice', async () => {
    await open();
    await writeFile(join(cache, 'emoji-datasource-twitter-16.0.0-16', 'emoji.json'), '[]');
    const context = listeningContext(cache);
    expect((await open({}, context)).count.train).toBe(10);
    expect(context.notices).toEqual([
      expect.stringMatching(
        /^emoji: skipped the copy in the cache: emoji: emoji\.json: expected SHA-256 [\da-f]{64}, got [\da-f]{64}\.$/,
      ),
    ]);
  });

  it('is refused if it is another, and nothing of it kept', async () => {
    const npm = registry(small, Buffer.from('something else'));
    await expectRefusal(
      open({}, undefined, { publication: small.publication, npm }),
      'LAPYRA_DATASET_CHECKSUM',
      'emoji: npm package emoji-datasource-twitter@16.0.0: expected sha512-',
    );
    const sheets = { ...small.publication.sheets, 16: '1'.repeat(64) };
    await expectRefusal(
      open({}, undefined, {
        publication: { ...small.publication, sheets },
        npm: registry(small, small.tarball),
      }),
      'LAPYRA_DATASET_CHECKSUM',
      `emoji: img/twitter/sheets/16.png: expected SHA-256 ${'1'.repeat(64)}`,
    );
    expect(await readdir(cache)).toEqual([]);
  });

  it('cannot be had without npm or a network, which is said', async () => {
    const { hint } = await expectRefusal(
      open({}, undefined, { publication: small.publication, npm: noNpm }),
      'LAPYRA_DATASET_UNAVAILABLE',
      'emoji: expected the npm package emoji-datasource-twitter@16.0.0, got none: npm was not found on the PATH.',
    );
    expect(hint).toBe('Connect to a network once; what was fetched stays in the cache.');
  });
});

const noNpm: World['npm'] = () =>
  Promise.reject(new SourceFailure('npm was not found on the PATH'));
