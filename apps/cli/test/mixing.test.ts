// A level that learns on coarse images which the levels below it have drawn: it waits for them, and keeps what it was given.
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { decodeSafetensors, type PyramidConfig, type TrainedLevelConfig } from '@lapyra/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestProject } from './test-project.js';
import { trainedConfig } from './tiny-config.js';
import { createTrainedProject } from './trained-project.js';
import { until, watchRun } from './watch-run.js';

let project: TestProject;
const base = trainedConfig('mixed');
const [first, second] = base.levels as readonly [TrainedLevelConfig, TrainedLevelConfig];
const mixed = (generatedCoarse: object, name = 'mixed'): PyramidConfig => ({
  ...base,
  name,
  levels: [first, { ...second, generatedCoarse } as TrainedLevelConfig],
});
const pool = { share: 0.5, images: 40 };

beforeAll(() => {
  project = createTrainedProject();
});
afterAll(() => project.remove());

const file = (run: string, ...parts: readonly string[]): string =>
  project.path('runs', run, 'levels/14', ...parts);

/** The numbers of the pool of level 14. */
const poolOf = (run: string): unknown =>
  decodeSafetensors(readFileSync(file(run, 'generated.safetensors')), 'pool').tensors;

/** The last checkpoint of level 14, as bytes. */
const weights = (run: string): Buffer =>
  readFileSync(file(run, 'checkpoints/step-20/state.safetensors'));

describe('training with generated coarse images', () => {
  it('waits for the levels below, draws once, and says so', async () => {
    project.configure(mixed(pool));
    const plan = await project.ask(['plan']);
    expect(plan.stdout).toContain(
      'level 14 learns on 50 % generated coarse images, out of 40 drawn by level 8, which it waits for',
    );
    const { code, stdout, stderr } = await project.ask(['train', '--json']);
    expect(code, stderr).toBe(0);
    const events = stdout
      .trim()
      .split('\n')
      .map(
        (line) =>
          JSON.parse(line) as { level?: string; kind: string; for?: string[]; phase?: string },
      );
    expect(events.find(({ kind }) => kind === 'waiting')).toEqual({
      level: '14',
      kind: 'waiting',
      for: ['8'],
    });
    const at = (level: string, kind: string, phase?: string): number =>
      events.findIndex((e) => e.level === level && e.kind === kind && e.phase === phase);
    expect(at('8', 'done')).toBeGreaterThan(0);
    expect(at('14', 'phase', 'opening')).toBeGreaterThan(at('8', 'done'));
    expect(at('14', 'phase', 'drawing')).toBeGreaterThan(at('14', 'phase', 'opening'));
    const { tensors, metadata } = decodeSafetensors(
      readFileSync(file('mixed', 'generated.safetensors')),
      'pool',
    );
    expect(tensors['coarse']?.shape).toEqual([40, 8, 8, 3]);
    expect(JSON.parse(metadata['record']!)).toEqual({ run: 'mixed', steps: { '8': 20 } });
  });

  it('ends with the same bits when it is killed on the way, with the pool that it had', async () => {
    project.configure(mixed(pool, 'killed'));
    const run = watchRun(project, 'killed');
    const running = project.start(['train', '--set', 'levels.14.steps=150'], { group: true });
    await until('level 14 makes some steps', () => run.logged('14') > 4);
    process.kill(-running.pid, 'SIGKILL');
    await running.ended;
    expect(run.checkpoint('14')?.step ?? 0, 'the last step has no checkpoint').toBeLessThan(150);
    const drawn = readFileSync(file('killed', 'generated.safetensors'));
    expect(poolOf('killed')).toEqual(poolOf('mixed'));
    // What drew the images is not asked again.
    const below = project.path('runs/killed/levels/8/checkpoints');
    renameSync(below, project.path('away'));
    const again = await project.ask(['train', '--level', '14', '--set', 'levels.14.steps=150']);
    expect(again.code, again.stderr).toBe(0);
    renameSync(project.path('away'), below);
    expect(readFileSync(file('killed', 'generated.safetensors'))).toEqual(drawn);
    project.configure(mixed(pool, 'whole'));
    const whole = await project.ask(['train', '--set', 'levels.14.steps=150']);
    expect(whole.code, whole.stderr).toBe(0);
    const ends = ['killed', 'whole'].map((name) =>
      readFileSync(file(name, 'checkpoints/step-150/state.safetensors')),
    );
    expect(ends[0]).toEqual(ends[1]);
  });

  it('can take its coarse images from the levels of another run', async () => {
    project.configure(mixed({ ...pool, from: 'mixed' }, 'other'));
    const { code, stdout, stderr } = await project.ask(['train', '--level', '14', '--json']);
    expect(code, stderr).toBe(0);
    expect(stdout).not.toContain('"waiting"');
    expect(readFileSync(file('other', 'generated.safetensors'))).toEqual(
      readFileSync(file('mixed', 'generated.safetensors')),
    );
    expect(weights('other')).toEqual(weights('mixed'));
  });

  it('learns otherwise than without', () => {
    expect(weights('tiny')).not.toEqual(weights('mixed'));
  });

  it('shows in status what a level waits for', async () => {
    project.configure(mixed(pool, 'half'));
    const { code, stderr } = await project.ask(['train', '--level', '8', '--steps', '2']);
    expect(code, stderr).toBe(0);
    const half = await project.ask(['status', 'half', '--json']);
    expect(JSON.parse(half.stdout)).toMatchObject({
      levels: [
        { state: 'done', waitsFor: [] },
        { state: 'new', waitsFor: [] },
      ],
    });
    rmSync(project.path('runs/half/levels/8/checkpoints'), { recursive: true });
    const { stdout } = await project.ask(['status', 'half']);
    expect(stdout).toMatch(/14 +waits for 8 +0\/2/);
  });
});

describe('generated coarse images that cannot be had', () => {
  const refused = async (config: object, ...flags: readonly string[]): Promise<string> => {
    project.configure(config);
    const before = readdirSync(project.path('runs'));
    const { code, stderr } = await project.ask(['train', ...flags]);
    expect(code).toBe(1);
    expect(readdirSync(project.path('runs')), 'nothing is begun').toEqual(before);
    return stderr;
  };

  it('are refused at a level that cannot learn on them, or that is the first', async () => {
    const onFirst = { ...mixed(pool, 'c'), levels: [{ ...first, generatedCoarse: pool }, second] };
    expect(await refused(onFirst)).toContain(
      'level 8, generatedCoarse: expected a level above another, got the first one. (LAPYRA_MIX_MISFIT)',
    );
    const share = await refused(mixed({ share: 1.5, image: 3 }, 'c'));
    expect(share).toContain(
      'levels[1].generatedCoarse.share: expected a number in (0, 1], got 1.5',
    );
    expect(share).toContain("levels[1].generatedCoarse.image: unknown key; did you mean 'images'?");
  });

  it('are refused without the levels that draw them', async () => {
    expect(await refused(mixed(pool, 'c'), '--level', '14')).toContain(
      'level 14: expected level 8 below it to be done, since it learns on what that draws; got one that is not.',
    );
    expect(await refused(mixed({ ...pool, from: 'nowhere' }, 'c'))).toContain('LAPYRA_RUN_UNKNOWN');
    const other = mixed({ ...pool, from: 'mixed' }, 'c');
    expect(
      await refused({ ...other, levels: [{ ...first, size: 7 }, other.levels[1]!] }),
    ).toContain(
      'level 14: expected generated coarse images of 7 from run mixed, got a run of 8, 14.',
    );
    expect(await refused({ ...other, data: { ...base.data, whitening: 'range' } })).toMatch(
      /level 14 on level 8: expected normalisation (range|channel [\da-f]+), got channel [\da-f]{16}\./,
    );
  });

  it('are refused when the file was changed', async () => {
    const path = file('half', 'generated.safetensors');
    project.configure(mixed(pool, 'half'));
    const trained = await project.ask(['train', '--steps', '2']);
    expect(trained.code, trained.stderr).toBe(0);
    const bytes = readFileSync(path);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(path, bytes);
    const { code, stdout } = await project.ask(['train', '--steps', '4', '--level', '14']);
    expect(code).toBe(1);
    expect(stdout).toContain(
      'generated.safetensors: expected the coarse images that were drawn for this level, got other numbers.',
    );
  });
});
