// Fails when package-lock.json lacks packages of other platforms (npm ci would refuse it there) or records addresses.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** What is wrong with a lock file, one line each. */
export function lockProblems({ packages }) {
  return Object.entries(packages).flatMap(([path, entry]) => [
    ...(/^(git\+)?https?:/.test(entry.resolved ?? '') ? [`${path} records an address`] : []),
    ...Object.keys(entry.optionalDependencies ?? {})
      .filter((name) => !isFound(packages, path, name))
      .map((name) => `${path} needs ${name}, which the lock lacks`),
  ]);
}

/** Node's own search: the folder's node_modules, then its parents'. */
function isFound(packages, path, name) {
  if (packages[`${path === '' ? '' : `${path}/`}node_modules/${name}`] !== undefined) return true;
  if (path === '') return false;
  const cut = path.lastIndexOf('/node_modules/');
  return isFound(packages, cut < 0 ? '' : path.slice(0, cut), name);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const file = new URL('../../package-lock.json', import.meta.url);
  const problems = lockProblems(JSON.parse(readFileSync(file, 'utf8')));
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
