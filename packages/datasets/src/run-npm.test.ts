import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runNpm } from './run-npm.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lapyra-npm-'));
  vi.stubEnv('npm_execpath', '');
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const signal = new AbortController().signal;

/** A command called npm that comes first on the PATH. */
async function fakeNpm(body: string): Promise<void> {
  const file = join(folder, 'npm');
  await writeFile(file, `#!${process.execPath}\n${body}`);
  await chmod(file, 0o755);
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH'] ?? ''}`);
}

describe.runIf(process.platform !== 'win32')('runNpm', () => {
  it('gives what npm prints, run in the folder asked for', async () => {
    await fakeNpm('console.log(process.cwd(), process.argv.slice(2).join())');
    expect(await runNpm(['view', 'x'], { cwd: folder, signal })).toContain(`${folder} view,x`);
  });

  it('prefers the npm that started this process', async () => {
    await fakeNpm('console.log("from the PATH")');
    const cli = join(folder, 'npm-cli.js');
    await writeFile(cli, 'console.log("from the environment")');
    vi.stubEnv('npm_execpath', cli);
    expect(await runNpm([], { cwd: folder, signal })).toBe('from the environment\n');
  });

  it("fails with npm's own reason", async () => {
    await fakeNpm(
      'console.log(JSON.stringify({ error: { code: "E404", summary: "Not Found\\nmore" } })); process.exit(1)',
    );
    await expect(runNpm([], { cwd: folder, signal })).rejects.toThrow(/^npm: Not Found$/);
    await fakeNpm('console.error("npm error code EBADENGINE"); process.exit(1)');
    await expect(runNpm([], { cwd: folder, signal })).rejects.toThrow(/^npm: code EBADENGINE$/);
    await fakeNpm('process.exit(3)');
    await expect(runNpm([], { cwd: folder, signal })).rejects.toThrow(/^npm ended with code 3$/);
  });

  it('fails if there is no npm, or if it takes too long; an abort is passed on', async () => {
    vi.stubEnv('PATH', folder);
    await expect(runNpm([], { cwd: folder, signal })).rejects.toThrow(
      /^npm was not found on the PATH$/,
    );
    await fakeNpm('setTimeout(() => {}, 60000)');
    await expect(runNpm([], { cwd: folder, signal, timeout: 300 })).rejects.toThrow(
      /^npm did not answer for 0\.3 s$/,
    );
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('stop')), 100);
    await expect(runNpm([], { cwd: folder, signal: stop.signal })).rejects.toThrow(/^stop$/);
  });
});
