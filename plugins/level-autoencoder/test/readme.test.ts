import { readFileSync } from 'node:fs';
import { denoising, variational } from '@lapyra/level-autoencoder';
import { expect, it } from 'vitest';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** Options under a heading, each with its default. */
function documented(heading: string): [string, unknown][] {
  const [, text] = readme.split(`\n## ${heading}\n`);
  return text!
    .split('\n## ')[0]!
    .split(/^### /m)
    .slice(1)
    .map((entry) => [entry.split('\n')[0]!, JSON.parse(/Default: `([^`]+)`/.exec(entry)![1]!)]);
}

it.each([
  ['variational', variational.plugin.options],
  ['denoising', denoising.plugin.options],
] as const)('names each option of %s, with its default', async (name, options) => {
  const checked = await options['~standard'].validate({});
  if (checked.issues) throw new Error(checked.issues[0]?.message);
  const entries = [...documented('Options of both'), ...documented(`Options of ${name}`)];
  expect(Object.fromEntries(entries)).toEqual(checked.value);
  const rows = [...readme.matchAll(/^\| `(\w+)` +\| `([\d.]+)`/gm)];
  expect(Object.fromEntries(rows.map(([, key, value]) => [key, Number(value)]))).toEqual(
    checked.value.optimiser,
  );
});
