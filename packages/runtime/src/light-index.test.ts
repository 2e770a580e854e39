// Every command imports this package: what takes long to load is imported where it computes.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const IMPORT = /^(?:import|export) (?!type )[^;]*? from '([^']+)';$/gms;

/** The packages that a source file imports, itself or by way of others, before anything is called. */
function packagesOf(file: string, seen = new Map<string, string>()): Map<string, string> {
  if (seen.has(file)) return seen;
  seen.set(file, file);
  for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
    if (name.startsWith('.')) packagesOf(join(dirname(file), name.replace(/\.js$/, '.ts')), seen);
    else if (!seen.has(name)) seen.set(name, file);
  }
  return seen;
}

it('loads neither tfjs nor sharp', () => {
  const found = packagesOf(join(import.meta.dirname, 'index.ts'));
  expect(found.get('@lapyra/core')).toBeDefined();
  expect(found.get('inversify')).toBeDefined();
  for (const heavy of ['@lapyra/nn', '@lapyra/images', '@tensorflow/tfjs-core'])
    expect(found.get(heavy), heavy).toBeUndefined();
});
