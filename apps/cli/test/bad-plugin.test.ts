// Plugins that are not there, that were made for another contract, or that go wrong.
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAULTY_LEVEL, installHandMade } from './hand-made-plugins.js';
import { createTestProject, type Ended, type TestProject } from './test-project.js';
import { tinyConfig } from './tiny-config.js';

const PACKAGES = ['faulty-level', 'old-level', 'new-level', 'no-plugin', 'unloadable'];

let project: TestProject;
beforeAll(() => {
  project = createTestProject([...PACKAGES, 'not-installed']);
  const plugins = { faulty: 'level' };
  installHandMade(project, 'faulty-level', FAULTY_LEVEL);
  installHandMade(project, 'old-level', { ...FAULTY_LEVEL, lapyra: { contract: 0, plugins } });
  installHandMade(project, 'new-level', { ...FAULTY_LEVEL, lapyra: { contract: 3, plugins } });
  installHandMade(project, 'no-plugin', { ...FAULTY_LEVEL, lapyra: null });
  installHandMade(project, 'unloadable', { ...FAULTY_LEVEL, code: "import 'not-to-be-found';" });
});
afterAll(() => project.remove());

/** Run a command with another second level. */
async function withLevel(use: string, options: object, args: readonly string[]): Promise<Ended> {
  const config = tinyConfig();
  const levels = config.levels.map((level, index) =>
    index === 1 ? { ...level, model: { use, options } } : level,
  );
  project.configure({ ...config, levels });
  // Some of them end the process in which they train.
  return args[0] === 'train' ? project.lapyra(args) : project.ask(args);
}

describe('a plugin', () => {
  it.each([
    [
      '@lapyra/level-advers#refine',
      'plugin @lapyra/level-advers: expected a dependency of the project',
      'npm install @lapyra/level-advers',
    ],
    [
      'not-installed#level',
      'plugin not-installed: expected it in a node_modules folder',
      'npm install',
    ],
    ['fs#readFile', 'plugin fs: expected a dependency of the project', 'npm install fs'],
    ['no-plugin#faulty', 'expected a package with a field "lapyra"', 'It is not a Lapyra plugin'],
    [
      'old-level#faulty',
      'plugin old-level#faulty: expected contract version 2, got 0 (old-level@1.0.0).',
      'Update the plugin with: npm install old-level@latest',
    ],
    [
      'new-level#faulty',
      'plugin new-level#faulty: expected contract version 2, got 3 (new-level@1.0.0).',
      'Update lapyra with: npm install lapyra@latest',
    ],
    [
      '@lapyra/level-adversarial#refin',
      "expected a level, got no plugin 'refin' in @lapyra/level-adversarial@",
      'Did you mean @lapyra/level-adversarial#refine?',
    ],
    [
      '@lapyra/transform-laplacian#boxBilinear',
      'expected a level, got a transform. (LAPYRA_PLUGIN_EXPORT)',
      '@lapyra/transform-laplacian has no level.',
    ],
    ['faulty-level#__proto__', "got no plugin '__proto__' in faulty-level@1.0.0", 'Did you mean'],
  ])('that cannot be had is refused: %s', async (use, message, hint) => {
    const { code, stderr } = await withLevel(use, {}, ['plan']);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(new RegExp(`^hint {2}.*${hint.replaceAll(/[?.]/g, '\\$&')}`, 'm'));
  });

  it('is a package and an export: no path, no address, no built-in', async () => {
    const uses = [
      './levels/mine.js#level',
      '../mine#level',
      '/etc/passwd#x',
      'file:///mine.js#level',
      'https://example.org/mine.js#level',
      'data:text/javascript,export#x',
      'node:fs#readFile',
      'faulty-level/inside#faulty',
      'faulty-level',
    ];
    const config = tinyConfig();
    const levels = uses.map((use) => ({ ...config.levels[1], model: { use, options: {} } }));
    project.configure({ ...config, levels });
    const { code, stderr } = await project.ask(['plan']);
    expect(code).toBe(1);
    for (const [index, use] of uses.entries())
      expect(stderr).toContain(
        `levels[${index}].model.use: expected 'package-name#export', got "${use}"`,
      );
  });

  it('that throws says so under its own name', async () => {
    const setUp = await withLevel('faulty-level#faulty', { fault: 'set-up' }, ['plan']);
    expect(setUp.code).toBe(1);
    expect(setUp.stderr).toContain(
      'plugin faulty-level#faulty: could not be set up: the wind blew (LAPYRA_PLUGIN_FAILED)',
    );
    const loading = await withLevel('unloadable#faulty', {}, ['plan']);
    expect(loading.code).toBe(1);
    expect(loading.stderr).toContain('plugin unloadable#faulty: could not be loaded: ');
    expect(loading.stderr).toContain("Cannot find package 'not-to-be-found'");
  });
});

describe('a level of a plugin', () => {
  it.each([
    ['channels', "level 14: expected sampler input 'low' to be float32 [B, 14, 14, 1]"],
    ['sampler', "level 14: expected sampler inputs among coarse, low, noise.z, got 'neighbour'."],
  ])('that contradicts its place is refused: %s', async (fault, message) => {
    const { code, stderr } = await withLevel('faulty-level#faulty', { fault }, ['plan']);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).toContain('hint  This is a mistake in the plugin that made the level');
  });

  it('that hides randomness is refused by name before a run is begun', async () => {
    const { code, stderr } = await withLevel('faulty-level#faulty', { fault: 'random' }, ['train']);
    expect(code).toBe(1);
    expect(stderr).toContain(
      'program \'14.step\': failed: "randomUniform": expected the same values each time',
    );
    expect(stderr).toContain('hint  Random numbers, clocks and counters would be frozen');
    expect(existsSync(project.path('runs'))).toBe(false);
  });

  it('that ends its process stops no other level', async () => {
    const { code, stdout, stderr } = await withLevel('faulty-level#faulty', { fault: 'exit' }, [
      'train',
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain('level 14: its process ended with exit code 7');
    expect(stdout).toMatch(/^ +8 {2}done +20\/20 /m);
    expect(stdout).toMatch(/^ +14 {2}failed +0\/20$/m);
    expect(stdout).toContain('The same command goes on from its last checkpoint.');
    expect(stdout).not.toContain('draw images with');
    expect(existsSync(project.path('runs/tiny/levels/14/lock.json'))).toBe(false);
  });

  it('that is sound trains beside others', async () => {
    const args = ['train', '--name', 'sound'];
    const { code, stderr } = await withLevel('faulty-level#faulty', {}, args);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^level 14: done, step 20\/20, loss 0\.\d+, score /m);
  });
});
