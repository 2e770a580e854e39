import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CONTRACT, type Engine } from '@lapyra/core';
import { writeCaptionStore } from '@lapyra/training';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { captionFile } from './caption-source.js';
import type { ResolvedConfig } from './config/resolved-config.js';
import type { TrainedRun } from './open-trained-run.js';
import { findProject, type Project } from './project.js';
import { type AskedTexts, tellTexts } from './told-texts.js';

let folder = '';
let project: Project;

/** An encoder whose vectors are a text's length and its number of "a"s. */
const LETTERS = `
  const options = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } };
  const encode = async (texts) => Float32Array.from(texts.flatMap((text) => [text.length, text.split('a').length - 1]));
  export const letters = Object.assign(() => ({}), { plugin: { kind: 'encoder', use: 'lapyra-encoder-x#letters',
    contract: ${CONTRACT}, options, create: () => ({ name: 'letters', width: 2, fingerprint: 'letters', encode }) } });`;

beforeEach(() => {
  vi.stubEnv('LAPYRA_CACHE', join(folder, 'cache')); // undone behind each test
});
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lapyra-told-'));
  vi.stubEnv('LAPYRA_CACHE', join(folder, 'cache'));
  const at = join(folder, 'node_modules', 'lapyra-encoder-x');
  mkdirSync(at, { recursive: true });
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'project', dependencies: { 'lapyra-encoder-x': '1' } }),
  );
  writeFileSync(
    join(at, 'package.json'),
    JSON.stringify({
      name: 'lapyra-encoder-x',
      version: '1.0.0',
      type: 'module',
      exports: { '.': { import: './main.js' } },
      lapyra: { contract: CONTRACT, plugins: { letters: 'encoder' } },
    }),
  );
  writeFileSync(join(at, 'main.js'), LETTERS);
  project = findProject(folder);
  const file = captionFile('images and letters');
  await mkdir(dirname(file), { recursive: true });
  await writeCaptionStore(file, {
    captions: {
      texts: true,
      width: null,
      fingerprint: 'words',
      read: async function* (split) {
        const texts = ['ant', 'bee', 'cat', 'aardvark'].map((text) => [text]);
        if (split === 'train') yield { texts, vectors: null };
      },
    },
    count: { train: 4, test: 0 },
    fingerprint: 'images and letters',
    width: 2,
    encode: async (texts) =>
      Float32Array.from(texts.flatMap((text) => [text.length, text.split('a').length - 1])),
  });
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** A run's folder with what is read of it, and the rest of a run as far as it is looked at. */
function run(
  condition: unknown,
  captions: string | undefined = 'images and letters',
  of = 'letters',
): TrainedRun {
  const at = mkdtempSync(join(folder, 'run-'));
  writeFileSync(join(at, 'config.json'), '{}');
  writeFileSync(join(at, 'manifest.json'), JSON.stringify({ data: 'images', captions }));
  return {
    folder: at,
    config: { condition, data: { validation: 2 } } as unknown as ResolvedConfig,
    shape: { size: [2, 2], channels: 3, condition: { kind: 'embedding', width: 2, of } },
    engine: null as unknown as Engine, // this encoder is no network
  } as unknown as TrainedRun;
}

const text = { text: { use: 'lapyra-encoder-x#letters', options: {}, version: '1.0.0' } };
const nothing: AskedTexts = { texts: [], between: null, count: undefined, seed: 1 };

describe('tellTexts', () => {
  it('gives a row of images to each text, all rows from the same noise', async () => {
    const told = await tellTexts(project, run(text), {
      ...nothing,
      texts: ['a', 'banana'],
      count: 3,
    });
    expect(told).toEqual({
      count: 6,
      embeddings: Float32Array.of(1, 1, 1, 1, 1, 1, 6, 3, 6, 3, 6, 3),
      noiseOf: [0, 1, 2, 0, 1, 2],
      rows: ['a', 'banana'],
      columns: 3,
      captions: ['a', 'a', 'a', 'banana', 'banana', 'banana'],
    });
    expect((await tellTexts(project, run(text), { ...nothing, texts: ['a'] })).count).toBe(8);
  });

  it('goes from one text to another in even steps, from the same noise', async () => {
    const between = ['a', 'banana'] as const;
    const told = await tellTexts(project, run(text), { ...nothing, between, count: 5 });
    expect([...told.embeddings]).toEqual([1, 1, 2.25, 1.5, 3.5, 2, 4.75, 2.5, 6, 3]);
    expect(told.noiseOf).toEqual([0, 0, 0, 0, 0]);
    expect(told.rows).toEqual(['a - banana']);
    expect(told.captions[1]).toBe('a 75 %, banana 25 %');
  });

  it('draws captions of validation images where nothing is said', async () => {
    const told = await tellTexts(project, run('embedding'), nothing);
    expect(told.count).toBe(64);
    expect(new Set(told.captions)).toEqual(new Set(['cat', 'aardvark'])); // the last two of four
    told.captions.forEach((caption, at) =>
      expect([...told.embeddings.subarray(2 * at, 2 * at + 2)]).toEqual(
        caption === 'cat' ? [3, 1] : [8, 3],
      ),
    );
    const again = await tellTexts(project, run('embedding'), nothing);
    expect(again.captions).toEqual(told.captions);
    const other = await tellTexts(project, run('embedding'), { ...nothing, seed: 2 });
    expect(other.captions).not.toEqual(told.captions);
  });

  it('refuses another encoder than the one that the run was trained with', async () => {
    await expect(
      tellTexts(project, run(text, undefined, 'figures'), { ...nothing, texts: ['a cat'] }),
    ).rejects.toMatchObject({
      code: 'LAPYRA_RUN_DATA',
      message: expect.stringContaining(
        'expected the encoder that it was trained with (figures), got another (letters).',
      ) as string,
    });
  });

  it('refuses texts where there is no encoder, and nothing where there are no captions', async () => {
    await expect(
      tellTexts(project, run('embedding'), { ...nothing, texts: ['a cat'] }),
    ).rejects.toMatchObject({
      code: 'LAPYRA_SAMPLE_OPTIONS',
      message:
        'text: expected a run whose condition is a text, got one with the condition "embedding".',
      hint: expect.stringContaining('without --text it draws for those of its images') as string,
    });
    await expect(
      tellTexts(project, run(text, 'captions that are gone'), nothing),
    ).rejects.toMatchObject({
      code: 'LAPYRA_SAMPLE_OPTIONS',
      message: expect.stringMatching(/^text: expected something to draw, got nothing/) as string,
    });
  });
});
