import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type DatasetContext, isPlugin, type OpenDataset } from '@lapyra/core';
import { captions, type CaptionsOptions } from '@lapyra/dataset-captions';
import { datasetConformance, expectRefusal, listeningContext } from '@lapyra/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { grey, makeFolder, npy, safetensors } from './set-of-pictures.js';

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
  options: Omit<CaptionsOptions, 'size'>,
  context: DatasetContext = listeningContext('/tmp'),
): Promise<OpenDataset> {
  const settings = await captions.plugin.options['~standard'].validate({ size: 2, ...options });
  if (settings.issues) throw new Error(settings.issues.map(({ message }) => message).join('; '));
  return (await captions.plugin.create(settings.value, undefined)).open(context);
}

interface Read {
  readonly grey: number | undefined;
  readonly label: number | null;
  readonly texts: readonly string[] | null;
  readonly vectors: readonly number[][] | null;
}

/** All of a part, sorted by grey. */
async function read(dataset: OpenDataset, split: 'train' | 'test' = 'train'): Promise<Read[]> {
  const images: Pick<Read, 'grey' | 'label'>[] = [];
  for await (const { pixels, labels } of dataset.read(split))
    for (let i = 0; i * 12 < pixels.length; i++)
      images.push({ grey: pixels[i * 12], label: labels ? (labels[i] ?? -1) : null });
  const said: Pick<Read, 'texts' | 'vectors'>[] = [];
  for await (const { texts, vectors } of dataset.captions!.read(split))
    for (let i = 0; i < (texts ?? vectors)!.length; i++)
      said.push({
        texts: texts?.[i] ?? null,
        vectors: vectors?.[i]?.map((vector) => [...vector]) ?? null,
      });
  expect(said.length).toBe(images.length);
  return images
    .map((image, i) => ({ ...image, ...said[i]! }))
    .toSorted((a, b) => (a.grey ?? 0) - (b.grey ?? 0));
}

const lines = (...objects: readonly object[]): string =>
  objects.map((object) => JSON.stringify(object)).join('\n');

const PAIR = {
  'a.png': await grey(10),
  'b.png': await grey(20),
};

datasetConformance({
  name: 'pictures with text files as a dataset',
  create: async () => {
    const files: Record<string, Uint8Array | string> = {};
    for (let i = 0; i < 8; i++) {
      files[`${i % 2 ? 'cats' : 'dogs'}/${i}.png`] = await grey(i);
      files[`${i % 2 ? 'cats' : 'dogs'}/${i}.txt`] = `number ${i}\nthe same, ${i}`;
    }
    const folder = await make(files);
    return { name: 'texts', open: (context) => open({ folder, testFraction: 0.25 }, context) };
  },
});

datasetConformance({
  name: 'pictures with vectors as a dataset',
  create: async () => {
    const folder = await make({ ...PAIR, 'v.npy': npy([2, 3], [1, 2, 3, 4, 5, 6]) });
    return { name: 'vectors', open: (context) => open({ folder, vectors: 'v.npy' }, context) };
  },
});

describe('captions', () => {
  it('is a descriptor in a config and a plugin of kind dataset', async () => {
    expect(captions({ folder: 'a', size: 8 })).toEqual({
      use: '@lapyra/dataset-captions#captions',
      options: { folder: 'a', size: 8 },
    });
    expect(isPlugin(captions)).toBe(true);
    const manifest = JSON.parse(
      await readFile(new URL('../package.json', import.meta.url), 'utf8'),
    ) as { lapyra: unknown };
    expect(manifest.lapyra).toEqual({ contract: 2, plugins: { captions: 'dataset' } });
  });

  it('refuses options that contradict each other', async () => {
    await expect(open({ folder: 'x', list: 'l', texts: 't' })).rejects.toThrow(
      'Expected either a list or a folder of texts, got both',
    );
    await expect(open({ folder: '' })).rejects.toThrow('Expected a path, got an empty string');
    await expect(open({ folder: 'x', testFraction: 1 })).rejects.toThrow(
      'Expected a share below 1, got 1',
    );
  });
});

describe('a folder of pictures and text files', () => {
  it('gives each picture the lines of its file', async () => {
    const folder = await make({
      ...PAIR,
      'a.txt': '\uFEFFa dark square\r\n\r\n  nearly black \n',
      'b.txt': 'brighter',
      'readme.md': 'not a picture',
    });
    const dataset = await open({ folder });
    expect(dataset.classes).toBeNull();
    expect(dataset.captions).toMatchObject({ texts: true, width: null });
    expect(await read(dataset)).toEqual([
      { grey: 10, label: null, texts: ['a dark square', 'nearly black'], vectors: null },
      { grey: 20, label: null, texts: ['brighter'], vectors: null },
    ]);
  });

  it('finds them in a folder of their own, with classes to test with', async () => {
    const files: Record<string, Uint8Array | string> = {};
    for (const [i, name] of ['gull', 'tern', 'wren'].entries())
      for (const n of [0, 1]) {
        files[`images/${name}/${n}.png`] = await grey(10 * i + n);
        files[`text/${name}/${n}.txt`] = `a ${name}, ${n}`;
      }
    const folder = join(await make(files), 'images');
    const dataset = await open({ folder, texts: '../text', testClasses: ['tern'] });
    expect(dataset.classes).toEqual(['gull', 'tern', 'wren']);
    expect((await read(dataset)).map(({ texts, label }) => [texts?.[0], label])).toEqual([
      ['a gull, 0', 0],
      ['a gull, 1', 0],
      ['a wren, 0', 2],
      ['a wren, 1', 2],
    ]);
    expect((await read(dataset, 'test')).map(({ texts }) => texts?.[0])).toEqual([
      'a tern, 0',
      'a tern, 1',
    ]);
    await expectRefusal(
      open({ folder, texts: '../text', testClasses: ['turn'] }),
      'LAPYRA_DATASET_CAPTIONS',
      "captions: testClasses: expected names of gull, tern, wren, got 'turn'.",
    );
  });

  it('refuses pictures without a text, by name', async () => {
    const folder = await make({ ...PAIR, 'a.txt': 'dark', 'b.txt': ' \n' });
    await expectRefusal(
      open({ folder }),
      'LAPYRA_DATASET_CAPTIONS',
      `captions: ${folder}: expected a .txt file with a line or more for each picture, got none for b.png.`,
    );
  });

  it('refuses a folder that is not there, empty, or ambiguous', async () => {
    await expectRefusal(
      open({ folder: '/nowhere' }),
      'LAPYRA_DATASET_FOLDER',
      'captions: /nowhere: expected a folder, got nothing.',
    );
    await expectRefusal(
      open({ folder: await make({ 'a.txt': 'alone' }) }),
      'LAPYRA_DATASET_EMPTY',
      'expected PNG, JPEG or WebP pictures, got none.',
    );
    await expectRefusal(
      open({ folder: await make({ ...PAIR, 'c/d.png': PAIR['a.png'] }) }),
      'LAPYRA_DATASET_LAYOUT',
      'captions: ',
    );
    const cut = { 'a.png': PAIR['a.png'].subarray(0, 20), 'a.txt': 'cut off' };
    await expectRefusal(
      open({ folder: await make(cut) }),
      'LAPYRA_DATASET_CORRUPT',
      'captions: expected pictures that can be decoded, got 1 that cannot:',
    );
  });
});

describe('a list', () => {
  it('says what each picture is called, of which class it is, and what it is for', async () => {
    const folder = await make({
      ...PAIR,
      'deep/c.png': await grey(30),
      'list.jsonl': `${lines(
        { file: 'a.png', text: ' dark ', label: 'low' },
        { file: './deep/c.png', texts: ['light', 'bright'], label: 'high', split: 'test' },
      )}\n\n${lines({ file: 'b.png', texts: ['middling'], label: 'low', split: 'train' })}\n`,
    });
    const dataset = await open({ folder, list: 'list.jsonl' });
    expect(dataset.classes).toEqual(['high', 'low']);
    expect(await read(dataset)).toEqual([
      { grey: 10, label: 1, texts: ['dark'], vectors: null },
      { grey: 20, label: 1, texts: ['middling'], vectors: null },
    ]);
    expect(await read(dataset, 'test')).toEqual([
      { grey: 30, label: 0, texts: ['light', 'bright'], vectors: null },
    ]);
  });

  it.each<[string, string, string]>([
    ['another format', 'a.png,dark', 'list line 1: expected a JSON object, got a.png,dark.'],
    ['another value', '5', 'list line 1: expected Object, got 5.'],
    ['no file', '{"text":"dark"}', 'list line 1: file: expected "file", got undefined.'],
    [
      'a key that it does not know',
      '{"file":"a.png","txt":"dark"}',
      "list line 1: unknown key 'txt'; did you mean 'text'?",
    ],
    [
      'an empty text',
      '{"file":"a.png","texts":["dark"," "]}',
      'list line 1: texts.1: expected a text of one character or more, got an empty one.',
    ],
    [
      'no text in a list of texts',
      '{"file":"a.png","texts":[]}',
      'list line 1: texts: expected one text or more, got none.',
    ],
    [
      'both forms of text',
      '{"file":"a.png","text":"a","texts":["b"]}',
      "list line 1: expected either 'text' or 'texts', got both.",
    ],
    [
      'a path that leads out',
      '{"file":"x/../../a.png","text":"a"}',
      "list line 1: expected a path inside of the pictures' folder, got 'x/../../a.png'.",
    ],
    [
      'a picture twice',
      lines({ file: 'a.png', text: 'a' }, { file: './a.png', text: 'b' }),
      'list line 2: expected each picture once, got a.png again, as in line 1.',
    ],
    [
      'classes for some',
      lines({ file: 'a.png', text: 'a' }, { file: 'b.png', text: 'b', label: 'b' }),
      'list line 2: expected a label in all lines or in none, got a label here and not in the first.',
    ],
    [
      'texts for some',
      lines({ file: 'a.png', text: 'a' }, { file: 'b.png' }),
      'list line 2: expected texts in all lines or in none, got none here and some in the first.',
    ],
    ['nothing', '\n \n', 'list: expected one picture or more, got none.'],
    [
      'no texts and no vectors',
      '{"file":"a.png"}',
      'list: expected lines with text or texts, or the option vectors, got neither.',
    ],
  ])('is refused with %s', async (_, list, message) => {
    const folder = await make({ ...PAIR, list });
    await expectRefusal(
      open({ folder, list: 'list' }),
      'LAPYRA_DATASET_CAPTIONS',
      `captions: ${message}`,
    );
  });

  it('is refused if it is not there, or names a picture that is not', async () => {
    const folder = await make({ ...PAIR, list: lines({ file: 'c.png', text: 'gone' }) });
    await expectRefusal(
      open({ folder, list: 'lists' }),
      'LAPYRA_DATASET_CAPTIONS',
      `captions: ${join(folder, 'lists')}: expected a list of pictures, got nothing.`,
    );
    await expectRefusal(
      open({ folder, list: 'list' }),
      'LAPYRA_DATASET_CORRUPT',
      'c.png: expected a readable file, got ENOENT',
    );
    const all = lines({ file: 'a.png', text: 'a', split: 'test' });
    await expectRefusal(
      open({ folder: await make({ ...PAIR, list: all }), list: 'list' }),
      'LAPYRA_DATASET_EMPTY',
      'captions: expected pictures to train on, got 1, all for testing.',
    );
  });
});

describe('a file of vectors', () => {
  const list = lines({ file: 'b.png' }, { file: 'a.png' });

  it('is a NumPy array in the order of the list, one vector for each picture or more', async () => {
    const folder = await make({
      ...PAIR,
      list,
      'one.npy': npy([2, 3], [1, 2, 3, 4, 5, 6]),
      'two.npy': npy([2, 2, 1], [1, 2, 3, 0.1], { type: '<f8' }),
    });
    const one = await open({ folder, list: 'list', vectors: 'one.npy' });
    expect(one.captions).toMatchObject({ texts: false, width: 3 });
    expect((await read(one)).map(({ vectors }) => vectors)).toEqual([[[4, 5, 6]], [[1, 2, 3]]]);
    const two = await open({ folder, list: 'list', vectors: 'two.npy' });
    expect((await read(two)).map(({ vectors }) => vectors)).toEqual([
      [[3], [Math.fround(0.1)]],
      [[1], [2]],
    ]);
  });

  it('is one in the order of sorted paths without a list', async () => {
    const folder = await make({ ...PAIR, 'v.npy': npy([2, 1], [7, 8]) });
    const all = await read(await open({ folder, vectors: 'v.npy' }));
    expect(all.map(({ grey: shade, vectors }) => [shade, vectors])).toEqual([
      [10, [[7]]],
      [20, [[8]]],
    ]);
  });

  it('is one with rows that the list names, as many as texts', async () => {
    const named = lines(
      { file: 'a.png', texts: ['dark', 'black'], rows: [2, 0] },
      { file: 'b.png', text: 'light', rows: [2] },
    );
    const folder = await make({ ...PAIR, named, 'v.npy': npy([3, 1], [7, 8, 9]) });
    const dataset = await open({ folder, list: 'named', vectors: 'v.npy' });
    expect((await read(dataset)).map(({ texts, vectors }) => [texts, vectors])).toEqual([
      [
        ['dark', 'black'],
        [[9], [7]],
      ],
      [['light'], [[9]]],
    ]);
  });

  it('has a tensor for each picture, as many vectors as it likes', async () => {
    const folder = await make({
      ...PAIR,
      'v.safetensors': safetensors({
        'b.png': [[2], [1, 2]],
        'a.png': [
          [2, 2],
          [3, 4, 5, 6],
        ],
        'c.png': [[9], Array.from({ length: 9 }, () => 0)],
      }),
    });
    const all = await read(await open({ folder, vectors: 'v.safetensors' }));
    expect(all.map(({ vectors }) => vectors)).toEqual([
      [
        [3, 4],
        [5, 6],
      ],
      [[1, 2]],
    ]);
  });

  it.each<[string, string, Buffer | string, string]>([
    ['no array', 'v.npy', 'text', 'expected float32 or float64 of NumPy, got no NumPy file.'],
    ['whole numbers', 'v.npy', npy([2, 1], [1, 2], { type: '<i4' }), "got numbers of type '<i4'."],
    [
      'columns first',
      'v.npy',
      npy([2, 1], [1, 2], { fortran: 'True' }),
      'got an array in Fortran order.',
    ],
    ['half of its numbers', 'v.npy', npy([2, 1], [1]), 'got 132 bytes instead of 136.'],
    [
      'rows for other pictures',
      'v.npy',
      npy([3, 1], [1, 2, 3]),
      'expected [2, width] or [2, captions, width], got [3, 1].',
    ],
    ['one number a picture', 'v.npy', npy([2], [1, 2]), 'or [2, captions, width], got [2].'],
    ['nothing in it', 'v.npy', npy([2, 0], []), 'or [2, captions, width], got [2, 0].'],
    ['another ending', 'v.pickle', 'x', 'expected a .npy or .safetensors file, got another.'],
    [
      'a tensor too few',
      'v.safetensors',
      safetensors({ 'a.png': [[1], [1]] }),
      "expected a tensor called 'b.png', got none.",
    ],
    [
      'two widths',
      'v.safetensors',
      safetensors({ 'a.png': [[1], [1]], 'b.png': [[2], [1, 2]] }),
      "expected float32 [1] or [captions, 1] for 'b.png', got float32 [2].",
    ],
  ])('is refused with %s', async (_, name, bytes, message) => {
    const folder = await make({ ...PAIR, [name]: bytes });
    const error = await expectRefusal(
      open({ folder, vectors: name }),
      'LAPYRA_DATASET_VECTORS',
      message,
    );
    expect(error.message).toMatch(/^captions: /);
    expect(error.hint).toContain('The README of @lapyra/dataset-captions');
  });

  it('is refused if it is not there, is damaged, or has rows and texts that do not fit', async () => {
    const named = lines({ file: 'a.png', texts: ['dark', 'black'], rows: [3] });
    const folder = await make({
      ...PAIR,
      named,
      'v.npy': npy([3, 1], [7, 8, 9]),
      'w.npy': npy([4, 1], [7, 8, 9, 10]),
      'v.safetensors': 'x',
    });
    await expectRefusal(
      open({ folder, vectors: 'no.npy' }),
      'LAPYRA_DATASET_VECTORS',
      'got nothing.',
    );
    await expectRefusal(open({ folder, vectors: 'v.safetensors' }), 'LAPYRA_TENSORS_READ');
    await expectRefusal(
      open({ folder, list: 'named', vectors: 'v.npy' }),
      'LAPYRA_DATASET_VECTORS',
      'expected 4 rows or more, for a.png, got [3, 1].',
    );
    await expectRefusal(
      open({ folder, list: 'named', vectors: 'w.npy' }),
      'LAPYRA_DATASET_CAPTIONS',
      'captions: a.png: expected as many vectors as texts, 2, got 1.',
    );
  });
});

describe('the fingerprints', () => {
  it('change with what they are of, and only then', async () => {
    const files = { ...PAIR, 'a.txt': 'dark', 'b.txt': 'light' };
    const one = await open({ folder: await make(files) });
    const same = await open({ folder: await make(files) });
    const other = await open({ folder: await make({ ...files, 'a.txt': 'black' }) });
    const brighter = await open({ folder: await make({ ...files, 'a.png': await grey(11) }) });
    expect([same.fingerprint, same.captions?.fingerprint]).toEqual([
      one.fingerprint,
      one.captions?.fingerprint,
    ]);
    expect(other.fingerprint).toBe(one.fingerprint);
    expect(other.captions?.fingerprint).not.toBe(one.captions?.fingerprint);
    expect(brighter.fingerprint).not.toBe(one.fingerprint);
  });
});
