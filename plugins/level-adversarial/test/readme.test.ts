import { readFileSync } from 'node:fs';
import { dense, denseRefine, lsunRefine, refine } from '@lapyra/level-adversarial';
import { describe, expect, it } from 'vitest';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** The text under a heading, up to the next of its rank. */
function section(heading: string): string {
  const rank = heading.slice(0, heading.indexOf(' ') + 1);
  const from = readme.indexOf(`\n${heading}\n`);
  expect(from, heading).toBeGreaterThan(0);
  const start = from + heading.length + 2;
  const end = readme.indexOf(`\n${rank}`, start);
  return readme.slice(start, end < 0 ? undefined : end);
}

/** Options under their headings, each with its default. */
function documented(heading: string): [path: string, value: unknown][] {
  return section(heading)
    .split(/^### /m)
    .slice(1)
    .map((text) => {
      const [path] = text.split('\n');
      const [, value] = /Default: `([^`]+)`/.exec(text) ?? [];
      return [path!, JSON.parse(value ?? 'null')];
    });
}

function table(kind: string): Record<string, unknown> {
  const [, body] = readme.split(`| option of \`${kind}\``);
  const rows = body!.split('\n\n')[0]!.matchAll(/^\| `(\w+)` +\| `([\d.]+)`/gm);
  return Object.fromEntries([...rows].map(([, name, value]) => [name, Number(value)]));
}

type Options =
  | typeof dense.plugin.options
  | typeof refine.plugin.options
  | typeof lsunRefine.plugin.options
  | typeof denseRefine.plugin.options;

async function completed(options: Options, given: object): Promise<unknown> {
  const result = await options['~standard'].validate(given);
  if (result.issues) throw new Error(result.issues.map(({ message }) => message).join('; '));
  return result.value;
}

/** `{ a: { b: 1 } }` from `['a.b', 1]`. */
function nested(entries: readonly [string, unknown][]): Record<string, unknown> {
  const result: Record<string, Record<string, unknown>> = {};
  for (const [path, value] of entries) {
    const [group, name] = path.split('.');
    if (name === undefined) Object.assign(result, { [path]: value });
    else (result[group!] ??= {})[name] = value;
  }
  return result;
}

/** Options that are told apart by a kind of their own, and have a place of their own in the documentation. */
const WHOLE = ['optimiser', 'noise', 'margin'];

/** Paths of options, without what is inside of these. */
function paths(value: unknown): string[] {
  return Object.entries(value as object).flatMap(([name, one]: [string, unknown]) =>
    typeof one === 'object' && one !== null && !Array.isArray(one) && !WHOLE.includes(name)
      ? Object.keys(one).map((inner) => `${name}.${inner}`)
      : [name],
  );
}

describe('README', () => {
  it.each([
    ['dense', dense.plugin.options],
    ['refine', refine.plugin.options],
    ['lsunRefine', lsunRefine.plugin.options],
    ['denseRefine', denseRefine.plugin.options],
  ] as const)('names each option of %s, with its default', async (name, options) => {
    const own = documented(`## Options of ${name}`);
    const others = documented('## Options of all').filter(([path]) =>
      own.every(([mine]) => mine !== path),
    );
    const entries = [...others, ...own];
    const defaults = await completed(options, {});
    expect(entries.map(([path]) => path).toSorted()).toEqual(paths(defaults).toSorted());
    expect(await completed(options, nested(entries))).toEqual(defaults);
  });

  it.each(['sgd', 'adam'])('names each option of %s, with its default', async (kind) => {
    const { optimiser } = (await completed(dense.plugin.options, { optimiser: { kind } })) as {
      optimiser: object;
    };
    expect({ kind, ...table(kind) }).toEqual(optimiser);
  });
});
