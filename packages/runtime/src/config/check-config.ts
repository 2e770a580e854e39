import { assertJson, LapyraError, parseReference, type PyramidConfig } from '@lapyra/core';
import * as v from 'valibot';
import { type ConfigProblem, readableIssues } from './readable-issues.js';

const side = v.pipe(v.number(), v.integer(), v.minValue(1));
const size = v.union([side, v.tuple([side, side])]);
const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const reference = v.pipe(
  v.string(),
  v.check(isReference, ({ received }) => `expected 'package-name#export', got ${received}`),
);
const descriptor = v.strictObject({
  use: reference,
  options: v.record(v.string(), v.unknown()),
});

const name = v.pipe(
  v.string(),
  v.regex(
    /^[\w][\w.-]*$/,
    ({ received }) => `expected letters, digits, '.', '_' and '-', got ${received}`,
  ),
);
const folder = v.pipe(v.string(), v.nonEmpty('Expected the name of a folder'));
const swappedLevel = v.strictObject({ from: folder });
const trainedLevel = v.strictObject({
  size,
  model: descriptor,
  steps: count,
  checkpointEvery: v.optional(count),
  scoreEvery: v.optional(count),
  scoreImages: v.optional(v.pipe(v.number(), v.integer(), v.minValue(4))), // fewer have no covariance of halves
  nearest: v.optional(v.strictObject({ k: v.optional(count), images: v.optional(count) })),
  generatedCoarse: v.optional(
    v.strictObject({
      share: v.pipe(
        v.number(),
        v.check(
          (value) => value > 0 && value <= 1,
          ({ received }) => `expected a number in (0, 1], got ${received}`,
        ),
      ),
      images: v.optional(count),
      from: v.optional(folder),
    }),
  ),
});

/** By `from`, so that a mistake in a level is told as one of its own kind. */
const level = v.lazy((value: unknown) =>
  typeof value === 'object' && value !== null && 'from' in value ? swappedLevel : trainedLevel,
);

const texts = v.strictObject({ text: descriptor });
const conditionName = v.picklist(
  ['none', 'class', 'embedding'],
  ({ received }) =>
    `expected 'none', 'class', 'embedding' or { text: an encoder }, got ${received}`,
);

/** The shape of a config; what plugins want of their options is checked by the plugins. */
const schema = v.strictObject({
  name: v.optional(name),
  seed: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  data: v.strictObject({
    from: descriptor,
    crop: v.optional(size),
    flip: v.optional(v.boolean()),
    whitening: v.optional(v.picklist(['pixel', 'channel', 'range'])),
    validation: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  }),
  transform: descriptor,
  levels: v.pipe(v.array(level), v.minLength(1, 'Expected at least one level')),
  condition: v.optional(
    // Not a union: of an object it could only say that it is none of what was expected.
    v.lazy((given) => (typeof given === 'object' && given !== null ? texts : conditionName)),
  ),
  backend: v.optional(v.string()),
});

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
  throw configError(subject, readableIssues(schema, result.issues));
}

/** The error that reports all problems at once. */
export function configError(subject: string, found: readonly ConfigProblem[]): LapyraError {
  const lines = found.map(({ path, message }) => `  ${path || '(top level)'}: ${message}`);
  const things = found.length === 1 ? 'one mistake' : `${found.length} mistakes`;
  return new LapyraError('LAPYRA_CONFIG_INVALID', `${subject}: ${things}\n${lines.join('\n')}`, {
    hint: 'Options are listed in docs/configuration.md.',
  });
}

function isReference(use: string): boolean {
  try {
    parseReference(use);
    return true;
  } catch {
    return false;
  }
}
