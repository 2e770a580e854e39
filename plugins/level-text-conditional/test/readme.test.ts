import { readFileSync } from 'node:fs';
import { textFirst, textRefine } from '@lapyra/level-text-conditional';
import { describe, expect, it } from 'vitest';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** Options under the headings of a section, each with its default. */
function documented(heading: string): [path: string, value: unknown][] {
  const [, rest = ''] = readme.split(`\n${heading}\n`);
  expect(rest, heading).not.toBe('');
  return rest
    .split('\n## ')[0]!
    .split(/^### /m)
    .slice(1)
    .map((text) => {
      const [, value = ''] = /Default: `([^`]+)`/.exec(text) ?? [];
      return [text.split('\n')[0]!, JSON.parse(value)];
    });
}

type Options = typeof textFirst.plugin.options | typeof textRefine.plugin.options;

async function completed(options: Options, given: object): Promise<object> {
  const result = await options['~standard'].validate(given);
  if (result.issues) throw new Error(result.issues.map(({ message }) => message).join('; '));
  return result.value as object;
}

/** `{ a: { b: 1 } }` from `['a.b', 1]`. */
function nested(entries: readonly [string, unknown][]): object {
  const result: Record<string, unknown> = {};
  for (const [path, value] of entries) {
    const [group, name] = path.split('.');
    result[group!] = name === undefined ? value : { ...(result[group!] as object), [name]: value };
  }
  return result;
}

/** Options that are documented as a whole. */
const WHOLE = ['optimiser', 'noise'];

function paths(value: object): string[] {
  return Object.entries(value).flatMap(([name, one]: [string, unknown]) =>
    typeof one === 'object' && one !== null && !Array.isArray(one) && !WHOLE.includes(name)
      ? Object.keys(one).map((inner) => `${name}.${inner}`)
      : [name],
  );
}

describe('README', () => {
  it.each([
    ['textFirst', textFirst.plugin.options],
    ['textRefine', textRefine.plugin.options],
  ] as const)('names each option of %s, with its default', async (name, options) => {
    const entries = [...documented('## Options of both'), ...documented(`## Options of ${name}`)];
    const defaults = await completed(options, {});
    expect(entries.map(([path]) => path).toSorted()).toEqual(paths(defaults).toSorted());
    expect(await completed(options, nested(entries))).toEqual(defaults);
  });

  it('names the defaults of a style encoder and of augmentation', async () => {
    const style = { width: 32, from: 0.5, batch: 64, rate: 0.0005 };
    const [, strengths] = /\(Zhao et al\. 2020\): `([^`]+)`/.exec(readme) ?? [];
    const all = JSON.parse(strengths ?? '') as object;
    expect(
      await completed(textFirst.plugin.options, { style: {}, augmentation: {} }),
    ).toMatchObject({ style, augmentation: all });
    for (const [name, value] of Object.entries(style)) {
      expect(readme).toContain(`\`${name}\``);
      expect(readme).toContain(`(${value})`);
    }
  });
});
