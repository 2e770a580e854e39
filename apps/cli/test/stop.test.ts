// One trainer at a time, and how it is stopped.
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestProject, type Running, type TestProject } from './test-project.js';
import { tinyConfig } from './tiny-config.js';
import { until, type WatchedRun, watchRun } from './watch-run.js';

const LEVELS = ['8', '14'];

describe('a run that is being trained', () => {
  const long = ['train', '--name', 'long', '--steps', '1000000'];
  let project: TestProject;
  let run: WatchedRun;
  let running: Running;
  beforeAll(async () => {
    project = createTestProject();
    project.configure(tinyConfig());
    run = watchRun(project, 'long');
    running = project.start(long, { group: true });
    await until('both levels train', () =>
      LEVELS.every((name) => (run.checkpoint(name)?.step ?? 0) > 2),
    );
  });
  afterAll(() => {
    if (running.process.exitCode === null) process.kill(-running.pid, 'SIGKILL');
    project.remove();
  });

  it('refuses a second trainer and does not notice it', async () => {
    const before = LEVELS.map((name) => run.trainer(name));
    const { code, stdout, stderr } = await project.ask(long);
    expect(code).toBe(1);
    for (const [index, name] of LEVELS.entries()) {
      const held = `expected a free lock, got one of process ${before[index]}, which is running.`;
      expect(stderr).toContain(`level ${name}: ${run.path(name, 'lock.json')}: ${held}`);
    }
    expect(stdout).toContain('This level is being trained already.');
    expect(LEVELS.map((name) => run.trainer(name))).toEqual(before);
    expect(running.process.exitCode).toBeNull();
  });

  it('refuses to be moved aside, and says in its status that it is trained', async () => {
    const { code, stderr } = await project.ask([...long, '--fresh']);
    expect(code).toBe(1);
    expect(stderr).toContain('(LAPYRA_RUN_BUSY)');
    expect(stderr).toContain('Stop that training first');
    const status = await project.ask(['status', 'long']);
    expect(status.stdout).toMatch(/^ +14 {2}training +/m);
  });

  it('stops at Ctrl-C with a checkpoint of the last step', async () => {
    process.kill(-running.pid, 'SIGINT'); // a terminal sends it to the whole group
    const { code, stdout, stderr } = await running.ended;
    expect(code).toBe(130);
    expect(stderr).toContain('stopping at the next step, with a checkpoint');
    expect(stdout).toContain('go on with the same command');
    for (const name of LEVELS) {
      expect(stdout).toMatch(new RegExp(`^ *${name} {2}stopped `, 'm'));
      const last = run.checkpoint(name)!.step;
      expect(last).toBeGreaterThan(2);
      expect(stderr).toContain(`level ${name}: stopped, step ${last}/1000000`);
      expect(run.trainer(name)).toBeNull();
    }
  });

  it('stops at once at the second Ctrl-C, and what was published stays good', async () => {
    const before = LEVELS.map((name) => run.checkpoint(name)!.step);
    running = project.start(long, { group: true });
    await until('both levels go on', () =>
      LEVELS.every((name, index) => run.checkpoint(name)!.step > before[index]!),
    );
    process.kill(-running.pid, 'SIGINT');
    await until('the first is heard', () => running.printed().includes('stopping'));
    process.kill(-running.pid, 'SIGINT');
    const { code, stdout, stderr } = await running.ended;
    expect(code, stderr).toBe(130);
    expect(stdout).not.toContain('SIGKILL');
    for (const name of LEVELS) expect(stdout).toMatch(new RegExp(`^ *${name} {2}stopped `, 'm'));
    const { levels } = JSON.parse((await project.ask(['status', 'long', '--json'])).stdout) as {
      levels: { state: string; step: number; notices: string[] }[];
    };
    for (const [index, { state, step: at, notices }] of levels.entries()) {
      expect({ state, notices }).toEqual({ state: 'stopped', notices: [] });
      expect(at).toBeGreaterThan(before[index]!);
    }
  });
});

describe('a run that is about to begin', () => {
  it('stops at Ctrl-C as well, and leaves nothing half-written', async () => {
    const project = createTestProject();
    project.configure(tinyConfig());
    const running = project.start(['train'], { group: true });
    await until('the images are found', () => running.printed().includes('used as it is'));
    process.kill(-running.pid, 'SIGINT');
    const { code, stderr } = await running.ended;
    expect(code, stderr).toBe(130);
    expect(stderr).not.toContain('error');
    const files = readdirSync(project.folder, { recursive: true, encoding: 'utf8' });
    expect(files.filter((name) => /\.tmp-|lock.*json$|step-/.test(name))).toEqual([]);
    expect(await project.ask(['train'])).toMatchObject({ code: 0 });
    project.remove();
  });
});
