// docs/conformance.md has a row for each check of the suites that it lists, and for no other.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const here = (path: string): URL => new URL(`../${path}`, import.meta.url);
const read = (path: string): string => readFileSync(here(path), 'utf8');

it('are those of the suites', () => {
  const sources = [
    ...readdirSync(here('src/level')).map((file) => `src/level/${file}`),
    'src/plugin-conformance.ts',
    'src/encoder-conformance.ts',
    'src/features-conformance.ts',
  ].filter((file) => !file.endsWith('.test.ts'));
  // What a title is filled with stands as … in the page.
  const titles = sources.flatMap((file) =>
    [...read(file).matchAll(/title:\s*(?:'([^']+)'|`([^`]+)`)/g)].map(([, plain, filled]) =>
      (plain ?? filled!).replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '…'),
    ),
  );
  const [, ...tables] = read('../../docs/conformance.md').split(/^\| test .*\n\| -+ .*\n/m);
  const rows = tables.flatMap((table) => table.split('\n\n', 1)[0]!.trim().split('\n'));
  expect(titles.length).toBeGreaterThan(40);
  expect(rows.map((row) => row.split('|')[1]!.trim()).toSorted()).toEqual(titles.toSorted());
});
