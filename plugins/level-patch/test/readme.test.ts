import { readFileSync } from 'node:fs';
import { patches } from '@lapyra/level-patch';
import { expect, it } from 'vitest';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

it('README names each option, with its default', async () => {
  const [, options] = readme.split('\n## Options\n');
  const documented = options!
    .split('\n## ')[0]!
    .split(/^### /m)
    .slice(1)
    .map((text) => {
      const [name] = text.split('\n');
      const [, value] = /Default: `([^`]+)`/.exec(text) ?? [];
      return [name, JSON.parse(value ?? 'null')] as const;
    });
  const result = await patches.plugin.options['~standard'].validate({});
  if (result.issues) throw new Error('expected defaults that are accepted');
  expect(Object.fromEntries(documented)).toEqual(result.value);
});
