// What every command has in common: help, exit codes, JSON, plain output where nobody watches a terminal.
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestProject, type TestProject } from './test-project.js';
import { tinyConfig } from './tiny-config.js';

const COMMANDS = [
  ...[
    'init',
    'plan',
    'preview',
    'train',
    'sample',
    'enlarge',
    'export',
    'features',
    'neighbours',
    'likelihood',
    'status',
    'noise',
    'doctor',
  ],
  'plugins',
];

let project: TestProject;
beforeAll(() => {
  project = createTestProject(['@lapyra/backend-tfjs']);
  project.configure(tinyConfig());
});
afterAll(() => project.remove());

describe('help', () => {
  it('lists the commands and says where to start', async () => {
    const { code, stdout, stderr } = await project.lapyra(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    expect(stdout).toContain('lapyra init my-pyramid && cd my-pyramid');
  });

  it.each(COMMANDS)('describes %s', async (command) => {
    const { code, stdout } = await project.lapyra([command, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: lapyra ${command} [options]`);
    expect(stdout).toContain('--json');
    expect(stdout.split('\n').every((line) => line.length <= 100)).toBe(true);
  });

  it('loads nothing that is slow to load', async () => {
    const { code } = await project.lapyra(['--help'], {
      env: { NODE_V8_COVERAGE: project.path('loaded') },
    });
    expect(code).toBe(0);
    const [file] = readdirSync(project.path('loaded'));
    const { result } = JSON.parse(readFileSync(project.path('loaded', file!), 'utf8')) as {
      result: { url: string }[];
    };
    const urls = result.map(({ url }) => url).filter((url) => url.startsWith('file:'));
    expect(urls.length).toBeGreaterThan(3);
    expect(
      urls.filter(
        (url) => !/apps\/cli|commander|packages\/lapyra|picocolors|packages\/core/.test(url),
      ),
    ).toEqual([]);
  });

  it('without a command is usage, and so is the version', async () => {
    const none = await project.lapyra([]);
    expect(none.code).toBe(2);
    expect(none.stderr).toContain('Usage: lapyra');
    const version = await project.lapyra(['--version']);
    expect(version.code).toBe(0);
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('output', () => {
  it('of doctor names every backend, and what would mend those that are missing', async () => {
    const shown = await project.lapyra(['doctor']);
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(
      /^✔ onnxruntime-cpu {2}train, sample, onnx, export\n {4}.+, ONNX Runtime /m,
    );
    expect(shown.stdout).toMatch(
      /^✖ tfjs-node {2}.+ \(not run by us\)\n.+not installed\n {4}npm install @tensorflow\/tfjs-node$/m,
    );
    const { stdout } = await project.lapyra(['doctor', '--json']);
    const report = JSON.parse(stdout) as { backends: { id: string }[]; project: string };
    expect(report.project).toBe(project.folder);
    expect(report.backends.map(({ id }) => id)).toContain('onnxruntime-web');
  });

  it('of plugins lists what is installed', async () => {
    const shown = await project.lapyra(['plugins']);
    expect(shown.stdout).toMatch(/^level +@lapyra\/level-adversarial#refine +\d+\.\d+\.\d+ +2$/m);
    const { stdout } = await project.lapyra(['plugins', '--json']);
    expect(JSON.parse(stdout)).toContainEqual(
      expect.objectContaining({ kind: 'dataset', use: '@lapyra/dataset-cifar10#cifar10' }),
    );
  });

  it('of train is one JSON document a line, if asked for, and nothing else', async () => {
    const { code, stdout } = await project.lapyra(['train', '--json', '--name', 'lines']);
    expect(code).toBe(0);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind: string; level?: string; step?: number });
    expect(events[0]).toMatchObject({ kind: 'started', levels: [{ name: '8' }, { name: '14' }] });
    expect(events.at(-1)).toMatchObject({
      kind: 'finished',
      levels: [{ status: 'done' }, { status: 'done' }],
    });
    for (const level of ['8', '14']) {
      const kinds = events.filter((event) => event.level === level).map(({ kind }) => kind);
      expect(kinds.at(-1)).toBe('ended');
      expect(kinds).toEqual(
        expect.arrayContaining(['phase', 'progress', 'checkpoint', 'score', 'done']),
      );
      const saved = events.filter((event) => event.level === level && event.kind === 'checkpoint');
      expect(saved.map(({ step }) => step)).toEqual([10, 20]);
    }
  });

  it('of train is a few plain lines where nobody watches a terminal', async () => {
    const { code, stdout, stderr } = await project.lapyra(['train']);
    expect(code).toBe(0);
    // oxlint-disable-next-line no-control-regex -- no escape sequences is what is tested
    expect(stdout + stderr).not.toMatch(/\u001b/);
    const lines = stderr.trimEnd().split('\n');
    for (const level of ['8', '14']) {
      const own = lines.filter((line) => line.startsWith(`level ${level}: `));
      // That it begins, its one score, its end; one more for each ten seconds.
      expect(own.length).toBeGreaterThanOrEqual(3);
      expect(own.length).toBeLessThanOrEqual(5);
      expect(own[0]).toBe(`level ${level}: opening`);
      expect(own.at(-1)).toMatch(/: done, step 20\/20, d [\d.]+ g [\d.]+, score [\d.]+$/);
    }
    const again = await project.lapyra(['train']);
    expect(again).toMatchObject({ code: 0 });
    expect(again.stdout).toBe(stdout);
  });

  it('of an error is a message and a hint; the stack only if asked for', async () => {
    const plain = await project.lapyra(['plan', '--set', 'levels.8.steps=0']);
    expect(plain.stderr).not.toMatch(/^ +at /m);
    const long = await project.lapyra(['--stack', 'plan', '--set', 'levels.8.steps=0']);
    expect(long.stderr).toMatch(/^ +at /m);
    expect(long.stderr).toContain('levels[0].steps: expected >=1, got 0');
  });
});
