import { type ConditionSpec, LapyraError, nearestName } from '@lapyra/core';

/**
 * The index of a class, by its name; `undefined` if none is wanted.
 *
 * @throws {LapyraError} `LAPYRA_SAMPLE_OPTIONS` for a name that is no class, and where there are no classes
 */
export function classOf(
  condition: ConditionSpec,
  wanted: string | undefined,
): readonly number[] | undefined {
  if (wanted === undefined) return undefined;
  if (condition.kind !== 'classes') {
    throw new LapyraError(
      'LAPYRA_SAMPLE_OPTIONS',
      `class: expected a class-conditional pyramid, got one without classes.`,
      { hint: "Leave --class out, or train with condition: 'class'." },
    );
  }
  const index = condition.names.indexOf(wanted);
  if (index >= 0) return [index];
  const near = nearestName(wanted, condition.names);
  throw new LapyraError(
    'LAPYRA_SAMPLE_OPTIONS',
    `class: expected one of ${condition.names.join(', ')}, got '${wanted}'.`,
    near === undefined ? {} : { hint: `Did you mean ${near}?` },
  );
}
