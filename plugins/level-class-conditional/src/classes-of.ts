import { LapyraError, type LevelPlace, sizeName } from '@lapyra/core';

/**
 * The number of classes that the pyramid is conditioned on.
 *
 * @throws {LapyraError} `LAPYRA_LEVEL_CONDITION` if it is not conditioned on two or more classes
 */
export function classesOf({ size, condition }: LevelPlace, subject: string): number {
  const count = condition.kind === 'classes' ? condition.names.length : 0;
  if (count >= 2) return count;
  const got =
    condition.kind === 'classes'
      ? `the only class ${condition.names.join()}`
      : condition.kind === 'none'
        ? 'one without a condition'
        : 'one conditioned on vectors';
  throw new LapyraError(
    'LAPYRA_LEVEL_CONDITION',
    `${subject} at ${sizeName(size)}: expected a pyramid conditioned on two or more classes, got ${got}.`,
    {
      hint: `Write condition: 'class' in the config, with a dataset that has classes, or take a level that is told nothing, such as those of @lapyra/level-adversarial.`,
    },
  );
}
