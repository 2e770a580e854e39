import { readFileSync } from 'node:fs';
import { diffusion } from '@lapyra/level-diffusion';
import { expect, it } from 'vitest';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

it('names each option with its default', async () => {
  const { value: defaults } = (await diffusion.plugin.options['~standard'].validate({})) as {
    value: { optimiser: object };
  };
  const [, section] = readme.split('\n## Options\n');
  const entries = section!
    .split('\n## ')[0]!
    .split(/^### /m)
    .slice(1)
    .map((text) => [
      text.split('\n')[0],
      JSON.parse(/Default: `([^`]+)`/.exec(text)![1]!) as unknown,
    ]);
  expect(Object.fromEntries(entries)).toEqual(defaults);
  const rows = [...section!.matchAll(/^\| `(\w+)` +\| `([\d.]+)`/gm)];
  expect(Object.fromEntries(rows.map(([, name, value]) => [name, Number(value)]))).toEqual(
    defaults.optimiser,
  );
});
