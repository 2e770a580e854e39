// Training is killed at random steps and taken up by the same command, until it is done. What comes out is, bit for
// bit, what an uninterrupted training makes.
import { readdirSync, readFileSync } from 'node:fs';
import { randomStream } from '@lapyra/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestProject, type Ended, type Running, type TestProject } from './test-project.js';
import { tinyConfig } from './tiny-config.js';
import { isAlive, until, type WatchedRun, watchRun } from './watch-run.js';

const LEVELS = ['8', '14'];
const STEPS = 400;

let project: TestProject;
beforeAll(async () => {
  project = createTestProject();
  const options = { name: 'truth', steps: STEPS, checkpointEvery: 15, scoreEvery: 100 };
  project.configure(tinyConfig(options));
  const { code, stderr } = await project.lapyra(['train']);
  expect(code, stderr).toBe(0);
});
afterAll(() => project.remove());

const train = (): Running => project.start(['train', '--name', 'broken'], { group: true });

describe('train after kill -9', () => {
  it(
    'ends with the same bits as a training that was never interrupted',
    { timeout: 300_000 },
    async () => {
      const run = watchRun(project, 'broken');
      const dice = randomStream(7, 'kills');
      const pick = (below: number): number => dice.integers(1, below)[0]!;
      // A level whose neighbour is killed goes on to its end, so those come last.
      const pair = ['parent', 'both'] as const;
      const victims = [...pair, ...pair, ...pair, 'parent', 'child', 'child', 'child'] as const;
      let amidst = 0;
      for (const victim of victims) {
        const unfinished = LEVELS.filter((one) => run.logged(one) < STEPS);
        const name = unfinished[pick(unfinished.length)]!;
        const target = run.logged(name) + pick(20);
        const running = train();
        await until(
          `level ${name} makes step ${target}`,
          () => run.logged(name) > target && run.trainer(name) !== null,
        );
        const at = run.logged(name);
        if (at < STEPS) amidst += 1;
        const children = LEVELS.flatMap((one) => run.trainer(one) ?? []);
        if (victim === 'both') process.kill(-running.pid, 'SIGKILL');
        else if (victim === 'parent') running.process.kill('SIGKILL');
        else process.kill(run.trainer(name)!, 'SIGKILL');
        const ended = await running.ended;
        await until('no process is left', () => !children.some(isAlive));
        afterwards[victim]({ run, name, at, children, ended });
      }
      expect(amidst).toBeGreaterThanOrEqual(8);
      const { code, stdout, stderr } = await train().ended;
      expect(code, stdout + stderr).toBe(0);
      expect(stderr).toMatch(/process \d+ that held it is gone; its lock was taken over/);
      for (const name of LEVELS) {
        expect(run.trainer(name)).toBeNull();
        expect(remains(run, name)).toEqual(remains(watchRun(project, 'truth'), name));
      }
    },
  );
});

interface Kill {
  readonly run: WatchedRun;
  /** The level that was waited for, and the step in its log at that moment. */
  readonly name: string;
  readonly at: number;
  /** The processes that trained. */
  readonly children: readonly number[];
  readonly ended: Ended;
}

/** What each kind of kill leaves behind. */
const afterwards = {
  /** Orphans stop at their next step, with a checkpoint, and give their locks back. */
  parent: ({ run, name, at }: Kill): void => {
    expect(run.trainer(name)).toBeNull();
    expect(run.checkpoint(name)!.step).toBeGreaterThanOrEqual(at);
  },
  both: ({ run, name, children }: Kill): void => {
    expect(children).toContain(run.trainer(name));
  },
  /** The parent says what happened to a level; the other one goes on to its end. */
  child: ({ name, ended: { code, stdout, stderr } }: Kill): void => {
    expect(code).toBe(1);
    expect(stderr).toContain(`level ${name}: its process was ended by SIGKILL`);
    expect(stdout).toContain('The same command goes on from its last checkpoint.');
    const other = LEVELS.find((one) => one !== name)!;
    expect(stdout).toMatch(new RegExp(`^ *${other} {2}done `, 'm'));
    expect(stdout).toMatch(new RegExp(`^ *${name} {2}failed `, 'm'));
  },
};

/** Everything that a training leaves behind and that must not depend on interruptions. */
function remains(run: WatchedRun, level: string): Record<string, string | Buffer> {
  const { folder } = run.checkpoint(level)!;
  return {
    state: readFileSync(run.path(level, 'checkpoints', folder, 'state.safetensors')),
    record: readFileSync(run.path(level, 'checkpoints', folder, 'checkpoint.json')),
    best: readFileSync(run.path(level, 'checkpoints/best.json')),
    metrics: readFileSync(run.path(level, 'metrics.jsonl'), 'utf8'),
    baselines: readFileSync(run.path(level, 'baselines.json'), 'utf8'),
    picture: readFileSync(run.path(level, `samples/step-${STEPS}.png`)),
    files: readdirSync(run.path(level), { recursive: true, encoding: 'utf8' })
      .toSorted()
      .join('\n'),
  };
}
