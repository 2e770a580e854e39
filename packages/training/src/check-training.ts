import { LapyraError, type Level, sizeName, type StepClock, type StepTraining } from '@lapyra/core';

/**
 * Whether a level's training hangs together beyond its single programs: names of programs, the order, and the way
 * from training state to sampler state.
 *
 * @throws {LapyraError} `LAPYRA_LEVEL_TRAINING` naming the level
 */
export function checkTraining(
  { place, sampler }: Level,
  training: StepTraining,
  clock: StepClock,
): void {
  const subject = `level ${sizeName(place.size)}`;
  const refuse = (expected: string, got: string): never => {
    throw new LapyraError('LAPYRA_LEVEL_TRAINING', `${subject}: expected ${expected}, got ${got}.`);
  };
  const { programs, state, samplerState } = training;
  const names = programs.map(({ name }) => name);
  if (names.length === 0) refuse('at least one step program', 'none');
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) refuse('programs with names of their own', `'${twice}' twice`);
  for (const [to, from] of Object.entries(samplerState))
    if (!(from in state)) refuse(`samplerState to name training state`, `'${to}' from '${from}'`);
  const reads = 'kind' in sampler ? [] : sampler.reads;
  for (const name of reads)
    if (!(name in samplerState))
      refuse(`samplerState to give all that the sampler reads`, `no '${name}'`);
  programsOfStep(training, clock, subject);
}

/**
 * The programs to run at a step, in order.
 *
 * @throws {LapyraError} `LAPYRA_LEVEL_TRAINING` if the order names none, or one that is not there
 */
export function programsOfStep(
  { programs, order }: StepTraining,
  clock: StepClock,
  subject: string,
): StepTraining['programs'] {
  if (!order) return programs;
  const names = order(clock);
  const found = names.map((name) => programs.find((program) => program.name === name));
  if (names.length === 0 || found.includes(undefined))
    throw new LapyraError(
      'LAPYRA_LEVEL_TRAINING',
      `${subject}: expected an order of programs (${programs.map(({ name }) => name).join(', ')}) at step ${clock.step}, got ${names.join(', ') || 'none'}.`,
    );
  return found as StepTraining['programs'];
}
