import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import TallyReporter from './tally-reporter.mjs';

const module = (states, { errors = [], note } = {}) => ({
  children: {
    allTests: () =>
      states.map((state) => ({ fullName: `is ${state}`, result: () => ({ state, note }) })),
  },
  errors: () => errors,
});

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lapyra-tally-'));
  vi.stubEnv('LAPYRA_TALLY', join(folder, 'tally.json'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What a run writes to the terminal; what it writes down must be the same. */
function written(skip, modules, errors = []) {
  vi.stubEnv('LAPYRA_SKIP', skip);
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  new TallyReporter().onTestRunEnd(modules, errors);
  const lines = write.mock.calls.map(([line]) => line);
  const { passed, failed, skipped } = JSON.parse(readFileSync(join(folder, 'tally.json'), 'utf8'));
  expect(lines.at(-1)).toBe(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  return lines;
}

it('counts tests, files that fail to load and stray errors, and writes the counts down', () => {
  const modules = [
    module(['passed', 'failed', 'skipped', 'passed']),
    module([], { errors: ['no such file'] }),
  ];
  expect(written('', modules, [new Error('unhandled')])).toEqual([
    'skipped: is skipped\n',
    '2 passed, 3 failed, 1 skipped\n',
  ]);
});

it('counts what is skipped as failed where that is refused, unless it says why itself', () => {
  const modules = [
    module(['passed', 'skipped']),
    module(['skipped'], { note: 'this user may not' }),
  ];
  expect(written('refused', modules)).toEqual([
    'failed, since it was skipped: is skipped\n',
    'skipped: is skipped (this user may not)\n',
    '1 passed, 1 failed, 1 skipped\n',
  ]);
});
