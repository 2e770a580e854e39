// The gap between training and sampling, measured; and the levels of a run, tuned together in a copy of it.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAULTY_LEVEL, installHandMade } from './hand-made-plugins.js';
import type { TestProject } from './test-project.js';
import { tinyConfig } from './tiny-config.js';
import { createTrainedProject } from './trained-project.js';
import { until } from './watch-run.js';

let project: TestProject;
beforeAll(() => {
  project = createTrainedProject(['faulty-level']);
  installHandMade(project, 'faulty-level', FAULTY_LEVEL);
});
afterAll(() => project.remove());

const few = ['--images', '16', '--rounds', '2'];
const tune = ['finetune', 'tiny', '--batch', '8', '--images', '16', '--rounds', '1'];
const read = (run: string, ...parts: readonly string[]): Buffer =>
  readFileSync(project.path('runs', run, ...parts));

describe('lapyra gap', () => {
  it('scores the refining levels on true and on generated images, and whole samples', async () => {
    const { code, stdout, stderr } = await project.ask(['gap', 'tiny', ...few, '--json']);
    expect(code, stderr).toBe(0);
    const { images, rounds, levels, whole } = JSON.parse(stdout);
    expect([images, rounds]).toEqual([16, 2]);
    const [level] = levels;
    expect(level).toMatchObject({ level: '14', real: expect.any(Number) });
    expect(level.gap.mean).toBeCloseTo(level.onGenerated.mean - level.onTrue.mean, 6);
    const lost = whole.lost.map(({ distance }: { distance: { mean: number } }) => distance.mean);
    expect(lost[0] + lost[1] + whole.real).toBeCloseTo(whole.drawn.mean, 6);
    const shown = await project.ask(['gap', 'tiny', ...few]);
    expect(shown.stdout).toMatch(/level +on true +on generated +gap +real\n +14 /);
    expect(shown.stdout).toMatch(/level +lost here +with truth up to here\n +8 .*\n +14 /);
  });
});

describe('lapyra finetune', () => {
  it('tunes a copy: the old run stays, the new one draws otherwise', async () => {
    const before = read('tiny', 'levels/8/checkpoints/step-20/state.safetensors');
    const { code, stdout, stderr } = await project.ask([...tune, '--steps', '10', '--json']);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'done',
      report: {
        from: 'tiny',
        steps: 10,
        levels: [
          { level: '8', frozen: null },
          { level: '14', frozen: null },
        ],
        before: { levels: [{ level: '14' }] },
        after: { levels: [{ level: '14' }] },
      },
    });
    expect(read('tiny', 'levels/8/checkpoints/step-20/state.safetensors')).toEqual(before);
    expect(JSON.parse(read('tiny-finetuned', 'finetune.json').toString())).toMatchObject({
      from: 'tiny',
    });
    for (const run of ['tiny', 'tiny-finetuned']) {
      const drawn = await project.ask(['sample', run, '-n', '4', '--out', `${run}.png`]);
      expect(drawn.code, drawn.stderr).toBe(0);
    }
    expect(readFileSync(project.path('tiny.png'))).not.toEqual(
      readFileSync(project.path('tiny-finetuned.png')),
    );
    const status = await project.ask(['status', 'tiny-finetuned', '--json']);
    expect(JSON.parse(status.stdout)).toMatchObject({
      levels: [
        { state: 'done', origin: { run: 'tiny', step: 20 } },
        { state: 'done', origin: { run: 'tiny', step: 20 } },
      ],
    });
  });

  it('goes on after a kill, and ends with the same bits', async () => {
    const steps = ['--steps', '60'];
    const whole = await project.ask([...tune, ...steps, '--name', 'whole']);
    expect(whole.code, whole.stderr).toBe(0);
    const running = project.start([...tune, ...steps, '--name', 'killed']);
    const metrics = project.path('runs/killed/finetune/metrics.jsonl');
    await until('it has made some steps', () => {
      try {
        return readFileSync(metrics, 'utf8').split('\n').length > 20;
      } catch {
        return false;
      }
    });
    running.process.kill('SIGKILL');
    expect(await running.ended, 'it was killed amidst').toMatchObject({ signal: 'SIGKILL' });
    const again = await project.lapyra([...tune, ...steps, '--name', 'killed']);
    expect(again.code, again.stderr).toBe(0);
    const file = 'finetune/checkpoints/step-60/state.safetensors';
    expect(read('killed', file)).toEqual(read('whole', file));
  });

  it('says which levels are frozen, and refuses a pyramid of only such', async () => {
    const faulty = { use: 'faulty-level#faulty', options: {} };
    const base = tinyConfig({ name: 'half', steps: 4 });
    const [first, second] = base.levels;
    project.configure({ ...base, levels: [first, { ...second, model: faulty }] });
    const trained = await project.ask(['train']);
    expect(trained.code, trained.stderr).toBe(0);
    const tuned = await project.ask([
      ...tune.map((word) => (word === 'tiny' ? 'half' : word)),
      '--steps',
      '3',
    ]);
    expect(tuned.code, tuned.stderr).toBe(0);
    expect(tuned.stderr).toContain('level 8: learns');
    expect(tuned.stderr).toContain('level 14: frozen, it names no critic');
    expect(tuned.stdout).toContain('frozen: 14, which names no critic');
    const state = 'levels/14/checkpoints/step-4/state.safetensors';
    expect(read('half-finetuned', state)).toEqual(read('half', state));
  });
});
