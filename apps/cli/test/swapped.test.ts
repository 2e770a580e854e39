// Levels that one run has trained and another takes over: used as they are, and only where they fit.
import { cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { PyramidConfig } from '@lapyra/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ended, TestProject } from './test-project.js';
import { trainedConfig } from './tiny-config.js';
import { createTrainedProject } from './trained-project.js';

interface Level {
  readonly name: string;
  readonly state: string;
  readonly step: number;
  readonly origin: { readonly run: string; readonly step: number } | null;
}

let project: TestProject;
const base = trainedConfig();
/** The tiny pyramid with its first level taken from run tiny. */
const mixed: PyramidConfig = {
  ...base,
  name: 'b',
  seed: 2,
  levels: [{ from: 'runs/tiny/levels/8' }, base.levels[1]!],
};

beforeAll(() => {
  project = createTrainedProject(['@lapyra/transform-haar']);
});
afterAll(() => project.remove());

const checkpoint = (run: string, level: string): string => {
  const folder = project.path('runs', run, 'levels', level, 'checkpoints');
  const { step } = JSON.parse(readFileSync(`${folder}/best.json`, 'utf8')) as { step: number };
  return `${folder}/step-${step}/state.safetensors`;
};

async function statusOf(run: string): Promise<readonly Level[]> {
  const { stdout, stderr, code } = await project.ask(['status', run, '--json']);
  expect(code, stderr).toBe(0);
  return (JSON.parse(stdout) as { levels: Level[] }).levels;
}

describe('a level from another run', () => {
  let trained: Ended;
  beforeAll(async () => {
    project.configure(mixed);
    const plan = await project.ask(['plan']);
    expect(plan.code, plan.stderr).toBe(0);
    expect(plan.stdout).toMatch(
      /level 8 comes from run tiny \(runs\/tiny\/levels\/8, step 20, score [\d.]+\) and is not trained again/,
    );
    trained = await project.ask(['train']);
  });

  it('is copied as it is, with its best checkpoint, and not trained', async () => {
    expect(trained.code, trained.stderr).toBe(0);
    expect(trained.stderr).toContain(
      'level 8: took step 20 of run tiny from runs/tiny/levels/8; it is not trained again',
    );
    expect(trained.stderr).toContain('images are normalised as for level 8 in run tiny');
    expect(trained.stdout).not.toMatch(/^\s+8 {2}done/m);
    expect(readFileSync(checkpoint('b', '8'))).toEqual(readFileSync(checkpoint('tiny', '8')));
    expect(readFileSync(project.path('runs/b/whitening.json'), 'utf8')).toBe(
      readFileSync(project.path('runs/tiny/whitening.json'), 'utf8'),
    );
    expect(await statusOf('b')).toMatchObject([
      { name: '8', state: 'done', step: 20, origin: { run: 'tiny', step: 20 } },
      { name: '14', state: 'done', step: 20, origin: null },
    ]);
  });

  it('draws what it drew, and is no longer needed where it came from', async () => {
    const draw = (run: string): Promise<Ended> =>
      project.ask(['sample', run, '-n', '4', '--all-levels', '--out', `drawn/${run}.png`]);
    for (const run of ['tiny', 'b']) {
      const { code, stderr } = await draw(run);
      expect(code, stderr).toBe(0);
    }
    const drawn = (file: string): Buffer => readFileSync(project.path('drawn', file));
    expect(drawn('b-8.png')).toEqual(drawn('tiny-8.png'));
    expect(drawn('b.png')).not.toEqual(drawn('tiny.png'));
    renameSync(project.path('runs/tiny'), project.path('away'));
    try {
      const again = await project.ask(['train', '--set', 'levels.14.steps=22']);
      expect(again.code, again.stderr).toBe(0);
      expect(again.stdout).toContain('22/22');
      expect((await draw('b')).code).toBe(0);
      const out = await project.ask(['export', 'b', '--out', 'exported', '--fused']);
      expect(out.code, out.stderr).toBe(0);
      expect(readdirSync(project.path('exported'))).toContain('pyramid.onnx');
    } finally {
      renameSync(project.path('away'), project.path('runs/tiny'));
    }
  });

  it('is taken as it is where images are only looked at', async () => {
    project.configure({ ...mixed, name: 'looked' });
    const { code, stdout, stderr } = await project.ask(['preview', '--images', '16']);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^ +14 +8 → 14 /m);
  });

  it('can be the only thing there is to do', async () => {
    const levels = [{ from: 'runs/tiny/levels/8' }, { from: project.path('runs/tiny/levels/14') }];
    project.configure({ ...base, name: 'all', levels });
    const { code, stdout, stderr } = await project.ask(['train']);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('draw images with: lapyra sample');
    expect((await statusOf('all')).map(({ state }) => state)).toEqual(['done', 'done']);
  });

  it('is set on the command line, in the place of a level of that size', async () => {
    project.configure(base);
    const { code, stdout, stderr } = await project.ask([
      'plan',
      '--name',
      'set',
      '--set',
      'levels.14.from=runs/tiny/levels/14',
      '--json',
    ]);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      levels: [{ origin: null }, { origin: { run: 'tiny' }, cost: null }],
    });
  });
});

describe('a pyramid of unlike levels', () => {
  it('may have levels that ignore its condition, and plan says which', async () => {
    project.configure({ ...base, condition: 'class', name: 'classes' });
    const { code, stdout, stderr } = await project.ask(['plan']);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('level 8 ignores the class\nlevel 14 ignores the class\n');
    project.configure(base);
    expect((await project.ask(['plan'])).stdout).not.toContain('ignores');
  });
});

describe('a level that cannot be taken over', () => {
  const refused = async (config: object, ...flags: readonly string[]): Promise<string> => {
    project.configure(config);
    const before = readdirSync(project.path('runs'));
    const { code, stderr } = await project.ask(['train', '--name', 'c', ...flags]);
    expect(code).toBe(1);
    expect(readdirSync(project.path('runs')), 'nothing is begun').toEqual(before);
    return stderr;
  };
  const swap = (index: number, from: string): PyramidConfig => ({
    ...base,
    levels: base.levels.map((level, at) => (at === index ? { from } : level)),
  });

  it('is refused where there is none, or another folder', async () => {
    expect(await refused(swap(0, 'runs/x/levels/8'))).toContain(
      'level from runs/x/levels/8: expected the folder of a trained level, such as runs/a/levels/14, got no such folder. (LAPYRA_LEVEL_FROM)',
    );
    expect(await refused(swap(0, 'runs/tiny'))).toContain('got the folder of a run.');
    expect(await refused(swap(0, 'images'))).toContain('got a folder without level.json.');
    expect(await refused(swap(0, 'runs/c/levels/8'))).toContain(
      "expected a level of another run, got one of 'c' itself.",
    );
    expect(await refused(swap(0, 'runs/tiny/levels/8'), '--level', '8')).toContain(
      'level 8: expected one that this run trains, got one that is taken from runs/tiny/levels/8.',
    );
  });

  it('is refused untrained, or damaged', async () => {
    cpSync(project.path('runs/tiny/levels/8'), project.path('copy'), { recursive: true });
    const file = checkpoint('tiny', '8').replace(
      project.path('runs/tiny/levels/8'),
      project.path('copy'),
    );
    const bytes = readFileSync(file);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(file, bytes);
    const damaged = await refused(swap(0, 'copy'));
    expect(damaged).toContain('level from copy: expected its best checkpoint, got a damaged one.');
    expect(damaged).toContain('expected state.safetensors with sha256');
    rmSync(project.path('copy/checkpoints'), { recursive: true });
    const untrained = await refused(swap(0, 'copy'));
    expect(untrained).toContain(
      'level from copy: expected a trained level, got one without a checkpoint. (LAPYRA_RUN_UNTRAINED)',
    );
    expect(untrained).toContain('lapyra train --name tiny --level 8');
  });

  it('is refused where it does not fit, with what was expected and got', async () => {
    const [first, second] = base.levels;
    const of = (change: object): object => ({ ...swap(1, 'runs/tiny/levels/14'), ...change });
    expect(
      await refused(of({ levels: [{ ...first, size: 7 }, { from: 'runs/tiny/levels/14' }] })),
    ).toContain('level 14 on level 7: expected size 8, got 7. (LAPYRA_FIT_MISMATCH)');
    expect(await refused(of({ condition: 'class' }))).toContain(
      'level 14 on level 8: expected condition none, got classes "airplane"',
    );
    expect(await refused(of({ data: { ...base.data, whitening: 'range' } }))).toContain(
      'level 14 from runs/tiny/levels/14: expected normalisation range, as data.whitening says, got channel.',
    );
    const haar = { use: '@lapyra/transform-haar#haar', options: {} };
    const halves = [{ ...first, size: 7 }, { from: 'runs/tiny/levels/14' }];
    expect(await refused(of({ transform: haar, levels: halves }))).toContain(
      'expected transform box-bilinear, got haar',
    );
    // A level that stands on another cannot begin a pyramid, nor the other way round.
    expect(await refused(of({ levels: [{ from: 'runs/tiny/levels/14' }] }))).toContain(
      'level 14: expected a first level, got one above 8.',
    );
    const middle = [{ ...first, size: 4 }, { from: 'runs/tiny/levels/8' }, { ...second, size: 14 }];
    expect(await refused(of({ levels: middle }))).toContain(
      'level 8: expected a level above 4, got one that starts a pyramid.',
    );
  });

  it('is refused beside one that knows other images', async () => {
    project.configure({ ...base, data: { ...base.data, validation: 128 }, name: 'others' });
    const other = await project.ask(['train', '--steps', '2', '--level', '8']);
    expect(other.code, other.stderr).toBe(0);
    const levels = [{ from: 'runs/others/levels/8' }, { from: 'runs/tiny/levels/14' }];
    expect(await refused({ ...base, levels })).toMatch(
      /level 14 on level 8: expected normalisation channel [\da-f]{16}, got channel [\da-f]{16}\./,
    );
  });
});
