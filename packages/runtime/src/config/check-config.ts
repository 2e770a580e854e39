import { assertJson, LapyraError, nearestName, type PyramidConfig } from '@lapyra/core';
import * as v from 'valibot';

const side = v.pipe(v.number(), v.integer(), v.minValue(1));
const size = v.union([side, v.tuple([side, side])]);
const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const descriptor = v.strictObject({ use: v.string(), options: v.record(v.string(), v.unknown()) });

const level = v.strictObject({
  size,
  model: descriptor,
  steps: count,
  checkpointEvery: v.optional(count),
  scoreEvery: v.optional(count),
  scoreImages: v.optional(v.pipe(v.number(), v.integer(), v.minValue(2))),
});

/** The shape of a config; what plugins want of their options is checked by the plugins. */
const schema = v.strictObject({
  name: v.optional(
    v.pipe(v.string(), v.regex(/^[\w][\w.-]*$/, 'Expected letters, digits, ".", "_" and "-"')),
  ),
  seed: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  data: v.strictObject({
    from: descriptor,
    crop: v.optional(size),
    flip: v.optional(v.boolean()),
    whitening: v.optional(v.picklist(['pixel', 'channel', 'range'])),
    validation: v.optional(count),
  }),
  transform: descriptor,
  levels: v.pipe(v.array(level), v.minLength(1, 'Expected at least one level')),
  condition: v.optional(v.picklist(['none', 'class'])),
  backend: v.optional(v.string()),
});

/** One thing wrong with a config. */
export interface ConfigProblem {
  /** `levels[1].steps`. */
  readonly path: string;
  readonly message: string;
}

/**
 * `value` as a config, if it is one.
 *
 * @param subject what the message begins with: the name of the file
 * @throws {LapyraError} `LAPYRA_CONFIG_INVALID` with every mistake and its path; `LAPYRA_CONFIG_NOT_DATA`
 */
export function checkConfig(value: unknown, subject: string): PyramidConfig {
  assertJson(value, subject);
  const result = v.safeParse(schema, value);
  if (result.success) return result.output as PyramidConfig;
  throw configError(
    subject,
    result.issues.flatMap((issue) => problems(issue)),
  );
}

/** The error that reports all problems at once. */
function configError(subject: string, found: readonly ConfigProblem[]): LapyraError {
  const lines = found.map(({ path, message }) => `  ${path || '(top level)'}: ${message}`);
  const things = found.length === 1 ? 'one mistake' : `${found.length} mistakes`;
  return new LapyraError('LAPYRA_CONFIG_INVALID', `${subject}: ${things}\n${lines.join('\n')}`, {
    hint: 'Options are listed in docs/configuration.md.',
  });
}

function problems(issue: v.BaseIssue<unknown>): ConfigProblem[] {
  const path = pathOf(issue);
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const key = String(issue.path?.at(-1)?.key);
    const near = nearestName(key, knownKeys(issue));
    return [{ path, message: `unknown key${near ? `; did you mean '${near}'?` : ''}` }];
  }
  if (issue.received === 'undefined' && issue.expected) {
    return [{ path, message: `expected ${issue.expected.replaceAll('"', '')}, got nothing` }];
  }
  return [
    {
      path,
      message: issue.message
        .replace(/^Invalid [\w ]+: Expected/, 'expected')
        .replace(' but received ', ', got '),
    },
  ];
}

function pathOf(issue: v.BaseIssue<unknown>): string {
  let path = '';
  for (const { key } of issue.path ?? []) {
    path += typeof key === 'number' ? `[${key}]` : path ? `.${String(key)}` : String(key);
  }
  return path;
}

/** The keys that would have been known where an unknown one stood. */
function knownKeys(issue: v.BaseIssue<unknown>): readonly string[] {
  let at: unknown = schema;
  for (const { key } of (issue.path ?? []).slice(0, -1)) {
    at = unwrap(at);
    const inside = at as { entries?: Record<string, unknown>; item?: unknown };
    at = typeof key === 'number' ? inside.item : inside.entries?.[String(key)];
  }
  return Object.keys((unwrap(at) as { entries?: object }).entries ?? {});
}

function unwrap(found: unknown): unknown {
  const { wrapped } = found as { wrapped?: unknown };
  return wrapped === undefined ? found : unwrap(wrapped);
}
