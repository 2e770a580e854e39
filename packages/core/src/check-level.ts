import { conditionWidth } from './condition.js';
import { LapyraError } from './error.js';
import type { Level, StepTraining } from './level.js';
import { sizeName } from './size.js';

/**
 * Refuses a level whose declarations contradict its place or each other: inputs that the pyramid does not have or that
 * have another shape, an output other than the one announced, names of state, scalars and draws that do not exist.
 *
 * @throws {LapyraError} `LAPYRA_LEVEL_INVALID` naming every contradiction
 */
export function checkLevel(level: Level): void {
  const problems = [
    ...samplerProblems(level),
    ...(level.training?.kind === 'steps' ? trainingProblems(level, level.training) : []),
  ];
  if (problems.length > 0) {
    const name = `level ${sizeName(level.place.size)}`;
    throw new LapyraError(
      'LAPYRA_LEVEL_INVALID',
      problems.map((problem) => `${name}: ${problem}.`).join('\n'),
      { hint: 'This is a mistake in the plugin that made the level, not in the config.' },
    );
  }
}

function samplerProblems(level: Level): string[] {
  const { sampler, output, place } = level;
  if ('kind' in sampler) return [];
  const allowed = allowedInputs(level);
  const problems = Object.entries(sampler.inputs).flatMap(([name, { shape, dtype }]) => {
    const wanted = allowed.get(name);
    if (!wanted)
      return [
        `expected sampler inputs among ${[...allowed.keys()].join(', ') || 'none'}, got '${name}'`,
      ];
    const same =
      dtype === 'float32' &&
      shape.length === wanted.length &&
      wanted.every((side, axis) => side === shape[axis]);
    return same
      ? []
      : [
          `expected sampler input '${name}' to be float32 ${shown(wanted)}, got ${dtype} ${shown(shape)}`,
        ];
  });
  const outputs = Object.keys(sampler.outputs);
  if (outputs.length !== 1 || outputs[0] !== output)
    problems.push(`expected '${output}' as the sampler's only output, got ${list(outputs)}`);
  if (output === 'band' && !place.coarse)
    problems.push(`expected a first level to give an image, got a band`);
  if (sampler.writes.length > 0)
    problems.push(`expected a sampler that writes no state, got ${list(sampler.writes)}`);
  return problems;
}

function allowedInputs({ place, noise }: Level): Map<string, (number | null)[]> {
  const { size, coarse, channels, condition } = place;
  const allowed = new Map<string, (number | null)[]>();
  if (coarse) {
    allowed.set('coarse', [null, ...coarse, channels]);
    allowed.set('low', [null, ...size, channels]);
  }
  const width = conditionWidth(condition);
  if (width > 0) allowed.set('condition', [null, width]);
  for (const [name, { shape }] of Object.entries(noise))
    allowed.set(`noise.${name}`, [null, ...shape]);
  return allowed;
}

function trainingProblems({ place, sampler }: Level, training: StepTraining): string[] {
  const problems: string[] = [];
  const known = (what: string, names: readonly string[], among: object): void => {
    const unknown = names.filter((name) => !Object.hasOwn(among, name));
    if (unknown.length > 0)
      problems.push(`expected ${what} among ${list(Object.keys(among))}, got ${list(unknown)}`);
  };
  const { state, samplerState, scalars } = training;
  known('samplerState to name state', Object.values(samplerState), state);
  if (!('kind' in sampler)) known('the sampler to read samplerState', sampler.reads, samplerState);
  for (const program of training.programs) {
    const of = `of program '${program.name}'`;
    known(`reads ${of}`, program.reads, state);
    known(`writes ${of}`, program.writes, state);
    known(`scalars ${of}`, program.scalars, scalars);
    if (!program.outputs.includes('finite'))
      problems.push(`expected 'finite' among the outputs ${of}, got ${list(program.outputs)}`);
    for (const [name, draw] of Object.entries(program.draws)) {
      const refining = draw.of.filter((part) => part !== 'image' && part !== 'condition');
      if (!place.coarse && refining.length > 0)
        problems.push(`expected draw '${name}' ${of} to be of images, got ${list(refining)}`);
      if (place.condition.kind === 'none' && draw.of.includes('condition'))
        problems.push(`expected draw '${name}' ${of} without a condition, got one`);
      if (draw.unlike === undefined) continue;
      known(`'unlike' of draw '${name}' ${of}`, [draw.unlike], program.draws);
      const other = program.draws[draw.unlike];
      if (other && other.count !== draw.count)
        problems.push(
          `expected draw '${name}' ${of} to be ${other.count} as '${draw.unlike}' is, got ${draw.count}`,
        );
    }
  }
  return problems;
}

function list(names: readonly string[]): string {
  return names.join(', ') || 'none';
}

function shown(shape: readonly (number | null)[]): string {
  return `[${shape.map((side) => side ?? 'B').join(', ')}]`;
}
