import { readFileSync } from 'node:fs';
import { dcgan } from '@lapyra/level-dcgan';
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
      const [, value] = /Default: `([^`]+)`/.exec(text) ?? [];
      return [text.split('\n')[0]!, JSON.parse(value ?? 'null')];
    });
}

type Options = typeof dcgan.plugin.options;

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

/** Options that are told apart by a kind of their own, and are documented as a whole. */
const WHOLE = ['optimiser', 'noise', 'augmentation'];

function paths(value: object): string[] {
  return Object.entries(value).flatMap(([name, one]: [string, unknown]) =>
    typeof one === 'object' && one !== null && !Array.isArray(one) && !WHOLE.includes(name)
      ? Object.keys(one).map((inner) => `${name}.${inner}`)
      : [name],
  );
}

describe('README', () => {
  it('names each option, with its default', async () => {
    const entries = documented('## Options');
    const { options } = dcgan.plugin;
    const defaults = await completed(options, {});
    expect(entries.map(([path]) => path).toSorted()).toEqual(paths(defaults).toSorted());
    expect(await completed(options, nested(entries))).toEqual(defaults);
  });

  it('names the strengths that {} stands for', async () => {
    const [, strengths] = /\(Zhao et al\. 2020\): `([^`]+)`/.exec(readme) ?? [];
    const { augmentation } = (await completed(dcgan.plugin.options, { augmentation: {} })) as {
      augmentation: object;
    };
    expect(JSON.parse(strengths ?? 'null')).toEqual(augmentation);
  });
});
