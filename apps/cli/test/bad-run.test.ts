// Run folders that were made by another config or another version, damaged, locked, or on a disk that is full.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAULTY_LEVEL, installHandMade } from './hand-made-plugins.js';
import type { TestProject } from './test-project.js';
import { tinyConfig } from './tiny-config.js';
import { createTrainedProject } from './trained-project.js';
import { watchRun } from './watch-run.js';

let project: TestProject;
/** Trained whole; each test takes a copy. */
beforeAll(() => {
  project = createTrainedProject(['faulty-level']);
});
afterAll(() => project.remove());

/** A copy of the trained run under another name: the name is part of its config. */
function copyRun(name: string): void {
  cpSync(project.path('runs/tiny'), project.path('runs', name), { recursive: true });
  const file = project.path('runs', name, 'config.json');
  const config = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, JSON.stringify({ ...config, name }));
}

const state = (run: string, level: string, step = 20): Buffer =>
  readFileSync(
    watchRun(project, run).path(level, 'checkpoints', `step-${step}`, 'state.safetensors'),
  );

const checkpoint = (run: string, level: string, step: number, file: string): string =>
  watchRun(project, run).path(level, 'checkpoints', `step-${step}`, file);

describe('a run of another config', () => {
  it('is refused, and what differs is said', async () => {
    const flags = ['--set', 'levels.14.model.options.width=5', '--seed', '9'];
    const { code, stderr } = await project.ask(['train', ...flags]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      'run tiny: expected the config that it was started with, got another:',
    );
    expect(stderr).toContain('seed: 1 → 9; levels[1].model.options.width: 4 → 5.');
    expect(stderr).toContain('(LAPYRA_RUN_CONFIG)');
    expect(stderr).toContain('Use another --name, or --fresh: it moves the old run aside');
  });

  it('of fewer steps is refused; more steps go on', async () => {
    const fewer = await project.ask(['train', '--set', 'levels.8.steps=10']);
    expect(fewer.code).toBe(1);
    expect(fewer.stderr).toContain('levels[0].steps: 20 → 10');
    copyRun('longer');
    const more = ['train', '--name', 'longer', '--set', 'levels.8.steps=25'];
    const { code, stdout, stderr } = await project.ask(more);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^ +8 {2}done +25\/25 /m);
    const log = readFileSync(watchRun(project, 'longer').path('8', 'metrics.jsonl'), 'utf8');
    const before = readFileSync(watchRun(project, 'tiny').path('8', 'metrics.jsonl'), 'utf8');
    expect(log.startsWith(before)).toBe(true);
  });

  it('or of other images is refused', async () => {
    const file = project.path('images/data_batch_1.bin');
    const before = readFileSync(file);
    const after = Uint8Array.from(before);
    after[100]! ^= 255;
    writeFileSync(file, after);
    const { code, stderr } = await project.ask(['train']);
    writeFileSync(file, before);
    expect(code).toBe(1);
    expect(stderr).toContain('run tiny: expected the images that it was started with');
    expect(stderr).toContain('(LAPYRA_RUN_DATA)');
  });

  it('is moved aside by --fresh, never lost', async () => {
    copyRun('again');
    const flags = ['--name', 'again', '--fresh', '--seed', '9', '--level', '8'];
    const { code, stderr } = await project.ask(['train', ...flags]);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(`moved the old run to ${project.path('runs/again.1')}`);
    expect(state('again.1', '8')).toEqual(state('tiny', '8'));
    expect(state('again', '8')).not.toEqual(state('tiny', '8'));
  });

  it('of a plugin of another major version is refused, unless any is accepted', async () => {
    const install = (version: string): void =>
      installHandMade(project, 'faulty-level', { ...FAULTY_LEVEL, version });
    const config = tinyConfig({ name: 'versions', steps: 10 });
    const model = { use: 'faulty-level#faulty', options: {} };
    const levels = [config.levels[0], { ...config.levels[1], model }];
    project.write('versions.json', JSON.stringify({ ...config, levels }));
    const begin = ['train', '--config', 'versions.json'];
    const train = [...begin, '--set', 'levels.14.steps=20'];
    install('1.0.0');
    expect(await project.lapyra(begin)).toMatchObject({ code: 0 });
    install('2.0.0');
    const other = await project.lapyra(train);
    const drawn = await project.lapyra(['sample', 'versions', '-n', '1']);
    for (const { code, stderr } of [other, drawn]) {
      expect(code).toBe(1);
      expect(stderr).toContain(
        'plugin faulty-level#faulty: expected version 1.0.0, with which this run was made, got 2.0.0.',
      );
      expect(stderr).toContain('npm install faulty-level@1.0.0');
    }
    const any = await project.lapyra([...train, '--any-version']);
    expect(any.code, any.stderr).toBe(0);
    install('2.1.0');
    const minor = await project.lapyra([...begin, '--set', 'levels.14.steps=30']);
    expect(minor.code, minor.stderr).toBe(0);
    expect(minor.stderr).toContain(
      'results may differ in the last bits: versions.faulty-level: "1.0.0" → "2.1.0"',
    );
    expect(await project.lapyra(['sample', 'versions', '-n', '1'])).toMatchObject({ code: 0 });
  });
});

describe('a damaged checkpoint', () => {
  it('is passed over for the one before it, and training says so', async () => {
    const cutShort = (file: string): void => truncateSync(file, 3000);
    const changed = (file: string): void => {
      const bytes = readFileSync(file);
      bytes[bytes.length - 1]! ^= 1;
      writeFileSync(file, bytes);
    };
    const found = {
      '8': { damage: cutShort, fault: 'with sha256 .*, got .*3000 bytes' },
      '14': { damage: changed, fault: 'with sha256 .*, got ' },
    };
    copyRun('damaged');
    for (const [level, { damage }] of Object.entries(found))
      damage(checkpoint('damaged', level, 20, 'state.safetensors'));
    const { code, stdout, stderr } = await project.ask(['train', '--name', 'damaged']);
    expect(code, stderr).toBe(0);
    for (const [level, { fault }] of Object.entries(found)) {
      const line = `^level ${level}: checkpoint .*step-20: expected .*${fault}.*: went back to step-15\\.$`;
      expect(stderr).toMatch(new RegExp(line, 'm'));
      expect(stdout).toMatch(new RegExp(`^ +${level} {2}done +20/20 `, 'm'));
      expect(state('damaged', level)).toEqual(state('tiny', level));
    }
  });

  it('is passed over by status, too, when its record is gone', async () => {
    copyRun('nameless');
    rmSync(checkpoint('nameless', '14', 20, 'checkpoint.json'));
    const { code, stdout } = await project.ask(['status', 'nameless']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ +14 {2}stopped +15\/20 /m);
    expect(stdout).toMatch(/step-20: expected checkpoint\.json of step 20, got none .* step-15/);
  });

  it('is the end if there is no good one, and nothing is thrown away', async () => {
    copyRun('lost');
    const { path } = watchRun(project, 'lost');
    for (const folder of readdirSync(path('14', 'checkpoints')))
      if (folder.startsWith('step-'))
        truncateSync(path('14', 'checkpoints', folder, 'state.safetensors'), 10);
    const before = readdirSync(path('14'), { recursive: true, encoding: 'utf8' }).toSorted();
    const { code, stdout, stderr } = await project.ask(['train', '--name', 'lost']);
    expect(code).toBe(1);
    expect(stderr).toContain('expected a good checkpoint, got only damaged ones.');
    expect(stdout).toContain('Restore the folder from a copy, or start again with --fresh');
    expect(stdout).toMatch(/^ +8 {2}done +20\/20 /m);
    expect(readdirSync(path('14'), { recursive: true, encoding: 'utf8' }).toSorted()).toEqual(
      before,
    );
    const status = await project.ask(['status', 'lost']);
    expect(status.stdout).toMatch(/^ +14 {2}damaged /m);
    const drawn = await project.ask(['sample', 'lost', '-n', '1']);
    expect(drawn.code).toBe(1);
    expect(drawn.stderr).toContain('(LAPYRA_CHECKPOINT_DAMAGED)');
  });
});

describe('a disk that is full', () => {
  it('fails the level with the file and the way out; the same command goes on once there is room', async () => {
    const train = ['train', '--name', 'full', '--level', '8'];
    const full = await project.lapyra(train, { largestFile: 16 });
    expect(full.code, full.stderr).toBe(1);
    expect(full.stderr).toMatch(
      /level 8: .*checkpoints\/step-5\/state\.safetensors: expected to write the checkpoint, got EFBIG/,
    );
    expect(full.stdout).toContain('Free some space, or make the folder writable');
    const { path, trainer } = watchRun(project, 'full');
    expect(readdirSync(path('8', 'checkpoints'))).toEqual([]);
    expect(trainer('8')).toBeNull();
    const again = await project.ask(train);
    expect(again.code, again.stderr).toBe(0);
    expect(state('full', '8')).toEqual(state('tiny', '8'));
  });
});

describe('a lock', () => {
  const lock = (run: string, level: string, content: object | string): string => {
    truncateSync(checkpoint(run, level, 20, 'state.safetensors'), 10); // so that there is something to train
    const file = watchRun(project, run).path(level, 'lock.json');
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  };

  it('of a process that is gone is taken over; one that is none stays, and its level is refused', async () => {
    copyRun('stale');
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const stale = lock('stale', '14', { pid, started: 'x', host: hostname(), token: 'a-b' });
    const garbled = lock('stale', '8', 'garbled');
    const { code, stdout, stderr } = await project.ask(['train', '--name', 'stale']);
    expect(code, stderr).toBe(1);
    expect(stderr).toContain(
      `level 14: ${stale}: process ${pid} that held it is gone; its lock was taken over.`,
    );
    expect(stdout).toMatch(/^ +14 {2}done +20\/20 /m);
    expect(existsSync(stale)).toBe(false);
    expect(stderr).toContain(`level 8: ${garbled}: expected a lock, got "garbled".`);
    expect(readFileSync(garbled, 'utf8')).toBe('garbled');
  });

  it('of another host is refused, and the file is named', async () => {
    copyRun('foreign');
    const file = lock('foreign', '14', { pid: 1, started: 'x', host: 'far-away', token: 'a-b' });
    const args = ['train', '--name', 'foreign', '--level', '14'];
    const { code, stdout, stderr } = await project.ask(args);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `level 14: ${file}: expected a free lock, got one of process 1 on host 'far-away'.`,
    );
    expect(stdout).toContain("on 'far-away' any more, delete the file.");
    expect(existsSync(file)).toBe(true);
  });
});

describe('a level that diverges', () => {
  it('is tried again with smaller rates, then given up with exit code 42 and a report', async () => {
    const optimiser = { kind: 'sgd', rate: 1e30 };
    const config = tinyConfig({ name: 'diverging', steps: 60, refine: { optimiser } });
    project.write('diverging.json', JSON.stringify(config));
    const { code, stdout, stderr } = await project.ask(['train', '--config', 'diverging.json']);
    expect(code).toBe(42);
    for (const [attempt, factor] of [
      [1, 0.5],
      [2, 0.25],
      [3, 0.125],
    ])
      expect(stderr).toMatch(
        new RegExp(
          `^level 14: diverged at step \\d+; back to step \\d+ with ${factor} of the rate \\(try ${attempt} of 3\\)$`,
          'm',
        ),
      );
    expect(stdout).toMatch(
      /^level 14: diverged at step \d+, after 3 tries with smaller rates; the checkpoint of step \d+ is good$/m,
    );
    expect(stdout).toContain('Lower the rate, or add weight averaging or batch norm');
    expect(stdout).toMatch(/^ +8 {2}done +60\/60 /m);
    const { path } = watchRun(project, 'diverging');
    const report = JSON.parse(readFileSync(path('14', 'diverged.json'), 'utf8')) as object;
    expect(report).toMatchObject({ attempts: 3, rateFactor: 0.125 });
    const rows = readFileSync(path('14', 'metrics.jsonl'), 'utf8').trim().split('\n');
    expect(rows.some((row) => row.includes('null'))).toBe(true); // not finite, and valid JSON
  });
});

it('nothing half-written is left', () => {
  const all = readdirSync(project.path('runs'), { recursive: true, encoding: 'utf8' });
  const litter = all.filter((name) => /\.tmp-|lock\..*\.json$/.test(name));
  expect(litter).toEqual([]);
  expect(all.length).toBeGreaterThan(100);
});
