import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '@lapyra/core';
import {
  createRun,
  openRun,
  type RunManifest,
  runPaths,
  takeLevelLock,
  type CreatedRun,
  writeWhitening,
} from '@lapyra/training';

let root: string;
let folder: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lapyra-run-'));
  folder = join(root, 'runs', 'demo');
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const manifest: RunManifest = {
  versions: { node: '20.20.2' },
  processor: 'some cpu',
  backend: 'toy',
  threads: 1,
  seed: 1,
  data: 'toy 1',
};

const config = (width = 64, steps = 100, checkpointEvery = 10): Json => ({
  seed: 1,
  levels: [
    { size: [8, 8], steps: 10, model: { use: 'a#b', options: {} } },
    { size: [14, 14], steps, checkpointEvery, model: { use: 'a#b', options: { width } } },
  ],
});

/** Create a run and give its lock back, as a trainer does that needs no time in between. */
async function prepare(options: Parameters<typeof createRun>[0]): Promise<CreatedRun> {
  const run = await createRun(options);
  run.release();
  return run;
}

describe('createRun', () => {
  it('makes a folder that openRun reads', async () => {
    const run = await prepare({ folder, config: config(), manifest });
    expect(run).toMatchObject({ resumed: false, notices: [], whitening: null });
    const whitening = {
      kind: 'channel' as const,
      shape: [1, 1, 1, 3] as const,
      mean: Float32Array.of(0.1, 0.2, 0.3),
      scale: Float32Array.of(1 / 3, 2, 3),
    };
    await writeWhitening(run.paths, whitening);
    expect(await openRun(folder)).toMatchObject({ config: config(), manifest, whitening });
    expect(existsSync(join(folder, 'samples'))).toBe(true);
    expect(runPaths(folder).level('14').metrics).toBe(
      join(folder, 'levels', '14', 'metrics.jsonl'),
    );
  });

  it('takes up a run of the same config, where only steps and intervals may change', async () => {
    await prepare({ folder, config: config(), manifest });
    expect(await prepare({ folder, config: config(), manifest })).toMatchObject({
      resumed: true,
      notices: [],
    });
    const longer = await prepare({ folder, config: config(64, 200, 50), manifest });
    expect(longer.config).toEqual(config(64, 200, 50));
    expect((await openRun(folder)).config).toEqual(config(64, 200, 50));
  });

  it('refuses another config and says what differs', async () => {
    await prepare({ folder, config: config(), manifest });
    await expect(prepare({ folder, config: config(128, 50), manifest })).rejects.toThrow(
      'run demo: expected the config that it was started with, got another: ' +
        'levels[1].steps: 100 → 50; levels[1].model.options.width: 64 → 128.',
    );
    const fewer = { ...(config() as object), levels: [], condition: 'class' };
    await expect(prepare({ folder, config: fewer, manifest })).rejects.toThrow(
      /levels\[0\]: \{"size":\[8,8\].*\} → nothing; levels\[1\]: .*; condition: nothing → "class"\./,
    );
    expect((await openRun(folder)).config).toEqual(config());
  });

  it('refuses other images, and names other conditions', async () => {
    await prepare({ folder, config: config(), manifest });
    await expect(
      createRun({ folder, config: config(), manifest: { ...manifest, data: 'toy 2' } }),
    ).rejects.toThrow('expected the images that it was started with (toy 1), got others (toy 2)');
    const elsewhere = { ...manifest, processor: 'other cpu', threads: 4 };
    const run = await prepare({ folder, config: config(), manifest: elsewhere });
    expect(run.notices).toEqual([
      'the run goes on under other conditions, results may differ in the last bits: processor: "some cpu" → "other cpu"',
      'the run goes on under other conditions, results may differ in the last bits: threads: 1 → 4',
    ]);
  });

  it('moves the old run aside when told, never over another', async () => {
    await prepare({ folder, config: config(), manifest });
    writeFileSync(join(folder, 'mine'), '1');
    const first = await prepare({ folder, config: config(128), manifest, fresh: true });
    expect(first.notices).toEqual([`moved the old run to ${folder}.1`]);
    await prepare({ folder, config: config(32), manifest, fresh: true });
    expect(readFileSync(join(`${folder}.1`, 'mine'), 'utf8')).toBe('1');
    expect((await openRun(`${folder}.2`)).config).toEqual(config(128));
    expect((await openRun(folder)).config).toEqual(config(32));
  });

  it('does not move a run that is being trained', async () => {
    const { paths } = await prepare({ folder, config: config(), manifest });
    mkdirSync(paths.level('14').folder, { recursive: true });
    const lock = takeLevelLock(paths.level('14').folder);
    await expect(prepare({ folder, config: config(), manifest, fresh: true })).rejects.toThrow(
      `expected a run that nobody trains, got a lock of process ${process.pid}`,
    );
    lock.release();
  });

  it('does not write into a folder of something else', async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    await expect(prepare({ folder, config: config(), manifest })).rejects.toThrow(
      `${folder}: expected the folder of a run with config.json`,
    );
  });
});

describe('the lock of a run', () => {
  const busy = expect.objectContaining({ code: 'LAPYRA_RUN_BUSY' }) as Error;

  it('lets one of two simultaneous first starts with different configs win', async () => {
    const starts = await Promise.allSettled([
      createRun({ folder, config: config(64), manifest }),
      createRun({ folder, config: config(128), manifest }),
    ]);
    expect(starts.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const won = starts.find((start) => start.status === 'fulfilled')?.value;
    expect((await openRun(folder)).config).toEqual(won?.config);
    expect(starts.find((start) => start.status === 'rejected')?.reason).toEqual(busy);
    won?.release();
    expect(existsSync(join(folder, 'lock.json'))).toBe(false);
  });

  it('keeps a run that is being prepared from being changed or moved, until it is given back', async () => {
    const run = await createRun({ folder, config: config(), manifest });
    for (const changes of [{}, { config: config(64, 200) }, { fresh: true }])
      await expect(createRun({ folder, config: config(), manifest, ...changes })).rejects.toThrow(
        busy,
      );
    expect(existsSync(`${folder}.1`)).toBe(false);
    run.release();
    expect((await prepare({ folder, config: config(), manifest, fresh: true })).notices).toEqual([
      `moved the old run to ${folder}.1`,
    ]);
    expect(existsSync(join(`${folder}.1`, 'lock.json'))).toBe(false);
  });

  it('is given back when the run is refused, and taken over from a process that is gone', async () => {
    await prepare({ folder, config: config(), manifest });
    await expect(createRun({ folder, config: config(128), manifest })).rejects.toThrow(
      'expected the config that it was started with',
    );
    expect(existsSync(join(folder, 'lock.json'))).toBe(false);
    const gone = { pid: process.pid, started: 'before', host: hostname(), token: 'abc' };
    writeFileSync(join(folder, 'lock.json'), JSON.stringify(gone));
    const { notices } = await prepare({ folder, config: config(), manifest });
    expect(notices).toEqual([expect.stringContaining('its lock was taken over')]);
  });

  it('does not let a config change while a level is trained; the same config is left to the level', async () => {
    const { paths } = await prepare({ folder, config: config(), manifest });
    mkdirSync(paths.level('14').folder, { recursive: true });
    const lock = takeLevelLock(paths.level('14').folder);
    await expect(prepare({ folder, config: config(64, 200), manifest })).rejects.toThrow(busy);
    expect((await openRun(folder)).config).toEqual(config());
    expect((await prepare({ folder, config: config(), manifest })).resumed).toBe(true);
    lock.release();
    await prepare({ folder, config: config(64, 200), manifest });
    expect((await openRun(folder)).config).toEqual(config(64, 200));
  });
});

describe('openRun', () => {
  it('refuses a config that was cut off', async () => {
    const { paths } = await prepare({ folder, config: config(), manifest });
    writeFileSync(paths.config, '{"seed"');
    await expect(openRun(folder)).rejects.toThrow(
      expect.objectContaining({ code: 'LAPYRA_RUN_NOT_A_RUN' }),
    );
  });
});
