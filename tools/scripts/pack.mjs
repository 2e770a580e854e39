// Fails if a package would publish a test, a source file or nothing built. Run it after a build.
import { execSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

/** Templates of new packages have sources and tests in them, which are what is published. */
const STRAY =
  /^(?!templates\/)(?:.*\/)?(?:(src|test|fixtures)\/|[^/]*\.test[.-])|^(tsup|vitest)\.config|^tsconfig/;

const manifests = ['packages', 'plugins', 'apps', 'tools'].flatMap((group) =>
  readdirSync(join(root, group)).map((folder) =>
    JSON.parse(readFileSync(join(root, group, folder, 'package.json'), 'utf8')),
  ),
);
const published = new Map(
  manifests.filter((manifest) => !manifest.private).map((manifest) => [manifest.name, manifest]),
);
const packed = JSON.parse(
  execSync('npm pack --workspaces --dry-run --json --loglevel error', {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  }),
);
const problems = packed
  .filter(({ name }) => published.has(name))
  .map(({ name, files }) => ({ name, paths: files.map((file) => file.path) }))
  .flatMap(({ name, paths }) => [
    ...paths.filter((path) => STRAY.test(path)).map((path) => `${name} would publish ${path}`),
    ...mains(published.get(name))
      .filter((path) => !paths.includes(path))
      .map((path) => `${name} would publish no ${path}`),
  ]);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

/** What a package cannot do without: its entry, or its program. */
function mains({ main, bin = {} }) {
  const files = main ? [main, ...Object.values(bin)] : Object.values(bin);
  return files.map((file) => file.replace(/^\.\//, ''));
}
