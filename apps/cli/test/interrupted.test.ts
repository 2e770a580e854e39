// Ctrl-C before a command has come to its work, at a moment that a config holds still.
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestProject, type TestProject } from './test-project.js';
import { until } from './watch-run.js';

let project: TestProject;
beforeAll(() => {
  project = createTestProject();
  project.write(
    'waiting.ts',
    'await new Promise((done) => setTimeout(done, 60_000));\nexport default {};\n',
  );
});
afterAll(() => project.remove());

const copies = (): readonly string[] =>
  readdirSync(project.folder).filter((name) => name.startsWith('.waiting.ts.'));

it.each(['SIGINT', 'SIGTERM'] as const)('leaves no copy of the config behind: %s', async (name) => {
  const running = project.start(['plan', '--config', 'waiting.ts']);
  await until('the config is imported', () => copies().length === 1);
  running.process.kill(name);
  expect(await running.ended).toMatchObject({ code: 130, signal: null });
  expect(copies()).toEqual([]);
});
