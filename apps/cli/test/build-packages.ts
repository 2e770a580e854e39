import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { repository } from './test-project.js';

/**
 * Tests of the command line run what users run: the packages as they are built. So they are built before, as far as
 * nx has no build of the same sources: a test never runs a stale build.
 */
export function setup(): void {
  const nx = `${repository}node_modules/nx/dist/bin/nx.js`;
  // The settings of an nx task that runs these tests are not those of the build.
  const outer = Object.entries(process.env).filter(([name]) => !name.startsWith('NX_'));
  const { status, stdout, stderr, error } = spawnSync(
    process.execPath,
    [nx, 'run-many', '-t', 'build', '--output-style=static'],
    { cwd: dirname(`${repository}package.json`), encoding: 'utf8', env: Object.fromEntries(outer) },
  );
  if (status !== 0)
    throw new Error(
      `The packages could not be built: ${error?.message ?? ''}\n${stdout}\n${stderr}`,
    );
}
