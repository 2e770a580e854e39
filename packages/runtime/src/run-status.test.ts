import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Whitening } from '@lapyra/core';
import { createRun, writeWhitening } from '@lapyra/training';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runStatus } from './run-status.js';

const whitening: Whitening = {
  kind: 'range',
  shape: [1, 1, 1, 3],
  mean: Float32Array.of(127.5, 127.5, 127.5),
  scale: Float32Array.of(127.5, 127.5, 127.5),
};
let folder: string;
let baselines: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lapyra-status-'));
  await writeFile(join(folder, 'package.json'), '{}');
  const { paths } = await createRun({
    folder: join(folder, 'runs', 'demo'),
    config: { name: 'demo', levels: [{ name: '8', steps: 10 }] },
    manifest: { versions: {}, processor: '', backend: '', threads: 1, seed: 1, data: '' },
  });
  await writeWhitening(paths, whitening);
  baselines = paths.level('8').baselines;
  await mkdir(dirname(baselines), { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('runStatus', () => {
  it.each([
    ['half of them', '{"id": "patches", "rea', 'JSON'],
    ['other data', '[1]', 'got other JSON'],
  ])('says that baselines cannot be read, and shows the rest: %s', async (_, text, why) => {
    await writeFile(baselines, text);
    const { levels } = await runStatus(folder);
    expect(levels).toMatchObject([
      { name: '8', state: 'new', step: 0, steps: 10, baselines: null },
    ]);
    expect(levels[0]!.notices).toHaveLength(1);
    expect(levels[0]!.notices[0]).toContain(`${baselines}: expected the baselines of the scores`);
    expect(levels[0]!.notices[0]).toContain(why);
  });

  it('says that a lock cannot be read, and shows the rest', async () => {
    const lock = join(dirname(baselines), 'lock.json');
    await writeFile(lock, 'garbled');
    const { levels } = await runStatus(folder);
    expect(levels).toMatchObject([{ name: '8', state: 'new', steps: 10 }]);
    expect(levels[0]!.notices).toEqual([`${lock}: expected a lock, got "garbled".`]);
  });

  it('shows baselines, and does without where none were measured', async () => {
    expect((await runStatus(folder)).levels).toMatchObject([{ baselines: null, notices: [] }]);
    const measured = { id: 'patches', protocol: '', untrained: 3, upsampled: null, real: 1 };
    const whole = { ...measured, realImages: 4, nearest: null };
    await writeFile(baselines, JSON.stringify(whole));
    expect((await runStatus(folder)).levels).toMatchObject([{ baselines: whole, notices: [] }]);
  });
});
