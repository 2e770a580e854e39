// A disk that refuses: told with path, hint and code, and nothing half-made stays.
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestProject } from './test-project.js';
import { createTrainedProject } from './trained-project.js';

let project: TestProject;
beforeAll(() => {
  project = createTrainedProject();
  project.write('file', 'mine');
});
afterAll(() => project.remove());

const IN_THE_WAY =
  'hint  A file stands where a folder should be: move it, or name another folder.\n';

describe('a file where a folder should be', () => {
  it.each(['file', 'file/inside'])('is told by init: %s', async (folder) => {
    const { code, stderr } = await project.ask(['init', folder]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error init: expected a place to write .*, got E.*LAPYRA_INIT_WRITE/);
    expect(stderr).toContain(IN_THE_WAY);
  });

  it('is told by export', async () => {
    const { code, stderr } = await project.ask(['export', '--out', 'file/inside']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error export: expected a place to write .*LAPYRA_EXPORT_WRITE/m);
    expect(stderr).toContain(IN_THE_WAY);
  });

  it('is told by sample', async () => {
    const { code, stderr } = await project.ask(['sample', '-n', '1', '--out', 'file']);
    expect(code).toBe(1);
    expect(stderr).toContain('(LAPYRA_IMAGE_WRITE)');
    expect(stderr).toContain('hint  ');
    expect(stderr).not.toMatch(/^ {4}at /m);
  });
});

describe('a disk that takes no more', () => {
  it('leaves nothing of init, so that it can be called again', async () => {
    const { code, stderr } = await project.lapyra(['init', 'new'], { largestFile: 0 });
    expect(code).toBe(1);
    expect(stderr).toContain('(LAPYRA_INIT_WRITE)');
    expect(existsSync(project.path('new', 'lapyra.config.ts'))).toBe(false);
    expect(await project.ask(['init', 'new'])).toMatchObject({ code: 0 });
  });
});
