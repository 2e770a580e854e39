// Bits per dimension of a trained pyramid, an autoregressive level below an adversarial one.
import type { PyramidConfig } from '@lapyra/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestProject, type TestProject } from './test-project.js';
import { tinyConfig } from './tiny-config.js';

interface Measured {
  readonly split: string;
  readonly levels: readonly Record<string, number | string>[];
}

let project: TestProject;
beforeAll(async () => {
  project = createTestProject(['@lapyra/level-autoregressive']);
  const tiny = tinyConfig({ name: 'told', steps: 60, checkpointEvery: 60 });
  const model = {
    use: '@lapyra/level-autoregressive#autoregressive',
    options: { width: 6, blocks: 1, components: 2, batch: 8, optimiser: { rate: 0.01 } },
  };
  const levels = [
    { ...tiny.levels[0], model },
    { ...tiny.levels[1], steps: 2, scoreEvery: 2 },
  ];
  project.configure({ ...tiny, levels } as PyramidConfig);
  const trained = await project.ask(['train']);
  expect(trained.stderr + trained.stdout).toContain('told');
  expect(trained.code).toBe(0);
});
afterAll(() => project.remove());

describe('lapyra likelihood', () => {
  it('measures the levels that can tell, on all test images, beside who knows less', async () => {
    const { code, stdout } = await project.ask(['likelihood', 'told', '--json']);
    expect(code).toBe(0);
    const { split, levels } = JSON.parse(stdout) as Measured;
    expect(split).toBe('test');
    expect(levels).toHaveLength(1);
    expect(levels[0]).toMatchObject({ level: '8', images: 112, dimensions: 192, uniform: 8 });
    const { bits, independent, standardError } = levels[0] as Record<string, number>;
    // A tiny net after 60 steps already knows that neighbours are alike.
    expect(bits).toBeLessThan(independent!);
    // 336 images hardly tell 256 values of a place from each other.
    expect(Math.abs(independent! - 8)).toBeLessThan(0.1);
    expect(standardError).toBeGreaterThan(0);
    expect(standardError).toBeLessThan(0.5);
  });

  it('prints a table', async () => {
    const args = ['likelihood', '--level', '8', '--split', 'validation', '-n', '20'];
    const { code, stdout } = await project.ask(args);
    expect(code).toBe(0);
    expect(stdout).toContain('20 validation images, 8 bits a number');
    expect(stdout).toMatch(
      /^ +8 {2}level-autoregressive#autoregressive +\d\.\d{3} +0\.\d{3} +\d\.\d{3} +8$/m,
    );
  });

  it('refuses a level that only draws, a level that is not there, and too many images', async () => {
    const said = async (...args: string[]): Promise<string> => {
      const { code, stderr } = await project.ask(['likelihood', ...args]);
      expect(code).toBe(1);
      return stderr;
    };
    expect(await said('--level', '14')).toContain(
      'level 14: expected one that knows how probable an image is, got one that only draws. (LAPYRA_LIKELIHOOD_LEVEL)',
    );
    expect(await said('--level', '28')).toContain("level: expected one of 8, 14, got '28'.");
    expect(await said('-n', '113')).toContain(
      'likelihood: expected 1 to 112 test images, got 113. (LAPYRA_LIKELIHOOD_IMAGES)',
    );
  });
});
