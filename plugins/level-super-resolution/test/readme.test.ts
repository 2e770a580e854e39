import { readFileSync } from 'node:fs';
import { superResolve } from '@lapyra/level-super-resolution';
import { describe, expect, it } from 'vitest';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** `{ a: { b: 1 } }` from `['a.b', 1]`. */
function nested(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [path, value] of entries) {
    const names = path.split('.');
    const last = names.pop()!;
    let at = result;
    for (const name of names) at = (at[name] ??= {}) as Record<string, unknown>;
    at[last] = value;
  }
  return result;
}

describe('README', () => {
  it('names each option, with its default', async () => {
    const [, options] = readme.split('\n## Options\n');
    const documented = options!
      .split('\n## ')[0]!
      .split(/^### /m)
      .slice(1)
      .map((text) => {
        const [, value] = /Default: `([^`]+)`/.exec(text) ?? [];
        return [text.split('\n')[0]!, JSON.parse(value ?? 'null') as unknown] as const;
      });
    const checked = await superResolve.plugin.options['~standard'].validate({});
    expect(checked.issues).toBeUndefined();
    expect(nested(documented)).toEqual((checked as { value: unknown }).value);
  });
});
