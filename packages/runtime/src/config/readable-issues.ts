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
  readonly path?: readonly (PropertyKey | { readonly key: unknown })[] | undefined;
  readonly type?: string;
  readonly expected?: string | null;
  readonly received?: string;
}

/**
 * What a schema found wrong, as sentences of one style. An unknown key is told its nearest known one.
 *
 * @param schema in which known keys are looked up, if it is one of valibot
 */
export function readableIssues(schema: unknown, issues: readonly SchemaIssue[]): ConfigProblem[] {
  return issues.map((issue) => {
    const keys = (issue.path ?? []).map((part) => (typeof part === 'object' ? part.key : part));
    return { path: pathOf(keys), message: messageOf(schema, issue, keys) };
  });
}

function messageOf(schema: unknown, issue: SchemaIssue, keys: readonly unknown[]): string {
  const { message, type, expected, received } = issue;
  if (type === 'strict_object' && expected === 'never') {
    const near = nearestName(String(keys.at(-1)), knownKeys(schema, keys.slice(0, -1)));
    return `unknown key${near === undefined ? '' : `; did you mean '${near}'?`}`;
  }
  if (type === 'strict_object' && received === 'undefined') return 'expected a value, got nothing';
  return message
    .replace(/^Invalid [\w ]+: Expected/, 'expected')
    .replace(/^Expected/, 'expected')
    .replace(' but received ', ', got ');
}

function pathOf(keys: readonly unknown[]): string {
  let path = '';
  for (const key of keys)
    path += typeof key === 'number' ? `[${key}]` : path ? `.${String(key)}` : String(key);
  return path;
}

/** The keys that would have been known where an unknown one stood. */
function knownKeys(schema: unknown, keys: readonly unknown[]): readonly string[] {
  let at = schema;
  for (const key of keys) {
    const inside = unwrap(at) as { entries?: Record<string, unknown>; item?: unknown } | undefined;
    at = typeof key === 'number' ? inside?.item : inside?.entries?.[String(key)];
  }
  return Object.keys((unwrap(at) as { entries?: object } | undefined)?.entries ?? {});
}

/** The schema inside of an optional one. */
function unwrap(schema: unknown): unknown {
  const wrapped = (schema as { wrapped?: unknown } | undefined)?.wrapped;
  return wrapped === undefined ? schema : unwrap(wrapped);
}
