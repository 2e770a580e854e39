// Fails if a package would publish a test, a source file or nothing built. Run it after a build.
import { execSync } from 'node:child_process';
import { root } from './run.mjs';

const STRAY = /(^|\/)(src|test|fixtures)\/|\.test[.-]|^(tsup|vitest)\.config|^tsconfig/;

const packed = JSON.parse(
  execSync('npm pack --workspaces --dry-run --json --loglevel error', {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  }),
);
const problems = packed
  .map(({ name, files }) => ({ name, paths: files.map((file) => file.path) }))
  .filter(({ name }) => !['@lapyra/scripts', '@lapyra/bench'].includes(name))
  .flatMap(({ name, paths }) => [
    ...paths.filter((path) => STRAY.test(path)).map((path) => `${name} would publish ${path}`),
    ...(paths.includes('dist/index.js') ? [] : [`${name} would publish no dist/index.js`]),
  ]);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
