// Fails when package-lock.json lacks optional platform packages (npm ci would refuse it) or records addresses.
import { readFileSync } from 'node:fs';

const file = new URL('../../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));
const have = new Set(Object.keys(lock.packages));
const problems = [];
for (const [path, entry] of Object.entries(lock.packages)) {
  if (/^https?:/.test(entry.resolved ?? '')) problems.push(`${path} records an address`);
  for (const name of Object.keys(entry.optionalDependencies ?? {})) {
    let at = path;
    let found = false;
    for (;;) {
      found = have.has(`${at === '' ? '' : `${at}/`}node_modules/${name}`);
      if (found || at === '') break;
      const cut = at.lastIndexOf('/node_modules/');
      at = cut < 0 ? '' : at.slice(0, cut);
    }
    if (!found) problems.push(`${path} needs ${name}, which the lock lacks`);
  }
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
