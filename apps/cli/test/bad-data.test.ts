// Images that are not there, or are not what they should be.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import type { Descriptor } from '@lapyra/core';
import { encodePng } from '@lapyra/images';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestProject, type Ended, type TestProject } from './test-project.js';
import { tinyConfig } from './tiny-config.js';

let project: TestProject;
beforeAll(() => {
  project = createTestProject();
  mkdirSync(project.path('empty'));
});
afterAll(() => project.remove());

async function plan(from: Descriptor, changes: object = {}, data: object = {}): Promise<Ended> {
  const config = tinyConfig();
  project.configure({ ...config, ...changes, data: { ...config.data, from, ...data } });
  return project.ask(['plan']);
}

const cifar = (folder: string): Descriptor => ({
  use: '@lapyra/dataset-cifar10#cifar10',
  options: { source: 'folder', folder },
});
const pictures = (folder: string, options: Descriptor['options'] = {}): Descriptor => ({
  use: '@lapyra/dataset-image-folder#imageFolder',
  options: { folder, size: 14, ...options },
});

function expectRefusal({ code, stderr }: Ended, message: string, error: string): void {
  expect(code, stderr).toBe(1);
  expect(stderr).toContain(message);
  expect(stderr).toContain(`(${error})`);
}

describe('a folder of CIFAR-10', () => {
  it.each(['nowhere', 'empty'])('without its files is refused: %s', async (folder) => {
    const missing = `folder ${project.path(folder)}: it has no data_batch_1.bin`;
    expectRefusal(await plan(cifar(folder)), missing, 'LAPYRA_DATASET_UNAVAILABLE');
  });

  it('with a file cut short, or of another kind, names the file', async () => {
    for (const name of [1, 2, 3, 4, 5].map((n) => `data_batch_${n}.bin`).concat('test_batch.bin'))
      project.write(`cut/${name}`, readFileSync(project.path('images', name)));
    const whole = readFileSync(project.path('cut/data_batch_3.bin'));
    project.write('cut/data_batch_3.bin', whole.subarray(0, -100));
    const cut = `${project.path('cut/data_batch_3.bin')}: expected whole records of 3073 bytes`;
    expectRefusal(await plan(cifar('cut')), cut, 'LAPYRA_DATASET_TRUNCATED');
    project.write('cut/data_batch_3.bin', new Uint8Array(3073).fill(200));
    const other = `${project.path('cut/data_batch_3.bin')}: expected labels 0…9, got 200`;
    expectRefusal(await plan(cifar('cut')), other, 'LAPYRA_DATASET_RECORD');
  });

  it('too small for the images kept aside is refused', async () => {
    const message = 'data.validation: expected 0…399 of 400 training images, got 400.';
    const found = await plan(cifar('images'), {}, { validation: 400 });
    expectRefusal(found, message, 'LAPYRA_DATA_VALIDATION');
  });
});

describe('a folder of pictures', () => {
  it('that is not there, or has none, is refused', async () => {
    const nowhere = `${project.path('nowhere')}: expected a folder, got nothing.`;
    expectRefusal(await plan(pictures('nowhere')), nowhere, 'LAPYRA_DATASET_FOLDER');
    const empty = `${project.path('empty')}: expected PNG, JPEG or WebP pictures, got none.`;
    expectRefusal(await plan(pictures('empty')), empty, 'LAPYRA_DATASET_EMPTY');
  });

  it('with damaged ones names them, and leaves them out if asked to', async () => {
    const noise = Uint8Array.from({ length: 20 * 30 * 3 }, (_, at) => (at * 7919) % 251);
    const good = await encodePng({ size: [20, 30], channels: 3, pixels: noise });
    for (const folder of ['pictures', 'cut'])
      for (let at = 0; at < 12; at += 1) project.write(`${folder}/good-${at}.png`, good);
    project.write('pictures/broken.png', 'no picture');
    project.write('cut/cut.png', good.subarray(0, good.length / 2));
    const found = await plan(pictures('pictures'));
    expectRefusal(found, 'got 1 that cannot:\n  broken.png: ', 'LAPYRA_DATASET_CORRUPT');
    expect(found.stderr).toContain("hint  Repair or remove them, or set onCorrupt: 'skip'");
    const rest = await plan(pictures('pictures', { onCorrupt: 'skip' }), {}, { validation: 2 });
    expect(rest.code, rest.stderr).toBe(0);
    expect(rest.stderr).toContain('imageFolder: left out broken.png');
    expect(rest.stdout).toContain('12 training images, crops of 14 with 3 channels');
    // That a picture ends early is seen when it is decoded: before the run is begun.
    await plan(pictures('cut'), {}, { validation: 2 });
    const decoding = await project.ask(['train']);
    expectRefusal(
      decoding,
      'got 1 that cannot:\n  cut.png: expected a whole picture',
      'LAPYRA_DATASET_CORRUPT',
    );
    expect(existsSync(project.path('runs'))).toBe(false);
  });

  it('without classes cannot be drawn by class', async () => {
    const options = { onCorrupt: 'skip' };
    const found = await plan(
      pictures('pictures', options),
      { condition: 'class' },
      { validation: 2 },
    );
    expectRefusal(found, 'condition: expected a dataset with classes', 'LAPYRA_DATA_CLASSES');
  });
});
