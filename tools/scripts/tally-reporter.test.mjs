import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import TallyReporter from './tally-reporter.mjs';

const module = (states, errors = []) => ({
  children: { allTests: () => states.map((state) => ({ result: () => ({ state }) })) },
  errors: () => errors,
});

it('counts tests, files that fail to load and stray errors, and writes the counts down', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lapyra-tally-'));
  vi.stubEnv('LAPYRA_TALLY', join(folder, 'tally.json'));
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    const modules = [
      module(['passed', 'failed', 'skipped', 'passed']),
      module([], ['no such file']),
    ];
    new TallyReporter().onTestRunEnd(modules, [new Error('unhandled')]);
    expect(write).toHaveBeenCalledExactlyOnceWith('2 passed, 3 failed, 1 skipped\n');
    expect(JSON.parse(readFileSync(join(folder, 'tally.json'), 'utf8'))).toEqual({
      passed: 2,
      failed: 3,
      skipped: 1,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
