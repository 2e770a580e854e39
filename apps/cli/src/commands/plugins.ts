import { findProject, listPluginPackages } from '@lapyra/runtime';
import { EXIT } from '../exit-codes.js';
import { printJson } from '../terminal/print-json.js';
import { table } from '../terminal/table.js';

/** `lapyra plugins`: what the project has installed. */
export async function plugins(options: { readonly json?: boolean }): Promise<number> {
  const found = listPluginPackages(findProject(process.cwd())).flatMap((entry) =>
    Object.entries(entry.plugins).map(([name, kind]) => ({
      kind,
      use: `${entry.name}#${name}`,
      version: entry.version,
      contract: entry.contract,
    })),
  );
  found.sort((a, b) => a.kind.localeCompare(b.kind) || a.use.localeCompare(b.use));
  if (options.json) {
    printJson(found);
  } else if (found.length === 0) {
    process.stdout.write('no plugins installed; find some by the keyword lapyra-level on npm\n');
  } else {
    const rows = found.map(({ kind, use, version, contract }) => [
      kind,
      use,
      version,
      String(contract),
    ]);
    process.stdout.write(`${table([['kind', 'use', 'version', 'contract'], ...rows])}\n`);
  }
  return EXIT.ok;
}
