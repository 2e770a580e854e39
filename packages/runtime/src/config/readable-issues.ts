import { nearestName } from '@lapyra/core';

/** One thing wrong with a config. */
export interface ConfigProblem {
  /** `levels[1].steps`. */
  readonly path: string;
  readonly message: string;
}

/** An issue as any library with the Standard Schema reports it; valibot's say more. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | IssuePart)[] | undefined;
  readonly type?: string;
  readonly expected?: string | null;
  readonly received?: string;
}

interface IssuePart {
  readonly key: unknown;
  /** What stands there, if the library says. */
  readonly value?: unknown;
}

/**
 * What a schema found wrong, as sentences of one style. An unknown key is told its nearest known one.
 *
 * @param schema in which known keys are looked up, if it is one of valibot
 */
export function readableIssues(schema: unknown, issues: readonly SchemaIssue[]): ConfigProblem[] {
  return issues.map((issue) => {
    const parts = (issue.path ?? []).map((part) =>
      typeof part === 'object' ? part : { key: part },
    );
    return { path: pathOf(parts), message: messageOf(schema, issue, parts) };
  });
}

function messageOf(schema: unknown, issue: SchemaIssue, parts: readonly IssuePart[]): string {
  const { message, type, expected, received } = issue;
  if (type === 'strict_object' && expected === 'never') {
    const near = nearestName(String(parts.at(-1)?.key), knownKeys(schema, parts.slice(0, -1)));
    return `unknown key${near === undefined ? '' : `; did you mean '${near}'?`}`;
  }
  if (type === 'strict_object' && received === 'undefined') return 'expected a value, got nothing';
  return message
    .replace(/^Invalid [\w ]+: Expected/, 'expected')
    .replace(/^Expected/, 'expected')
    .replace(' but received ', ', got ');
}

function pathOf(parts: readonly IssuePart[]): string {
  let path = '';
  for (const { key } of parts)
    path += typeof key === 'number' ? `[${key}]` : path ? `.${String(key)}` : String(key);
  return path;
}

/** The keys that would have been known where an unknown one stood. */
function knownKeys(schema: unknown, parts: readonly IssuePart[]): readonly string[] {
  let at = unwrap(schema, undefined);
  for (const { key, value } of parts) {
    const inside = at as { entries?: Record<string, unknown>; item?: unknown } | undefined;
    at = unwrap(typeof key === 'number' ? inside?.item : inside?.entries?.[String(key)], value);
  }
  return Object.keys((at as { entries?: object } | undefined)?.entries ?? {});
}

/** The schema inside of an optional one, or the one that `value` was checked by. */
function unwrap(schema: unknown, value: unknown): unknown {
  const { wrapped, getter } = (schema ?? {}) as {
    wrapped?: unknown;
    getter?: (value: unknown) => unknown;
  };
  if (wrapped !== undefined) return unwrap(wrapped, value);
  return getter ? unwrap(getter(value), value) : schema;
}
