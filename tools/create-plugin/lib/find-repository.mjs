import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The root of Lapyra's own repository if `folder` is inside of it, else `null`. */
export function findRepository(folder) {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const file = join(at, 'package.json');
    if (existsSync(file)) {
      const { name, workspaces } = JSON.parse(readFileSync(file, 'utf8'));
      if (name === '@lapyra/root' && workspaces?.includes('plugins/*')) return at;
    }
    if (dirname(at) === at) return null;
  }
}
