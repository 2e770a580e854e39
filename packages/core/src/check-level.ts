import { conditionWidth } from './condition.js';
import type { Draw } from './draw.js';
import { LapyraError } from './error.js';
import type { Level } from './level.js';
import type { Critic, LevelNetwork, StepTraining } from './step-training.js';
import type { LevelPlace } from './place.js';
import { sizeName } from './size.js';
import type { InputSpec, TensorProgram } from './tensor-program.js';

/**
 * Refuses a level whose declarations contradict its place or each other: inputs that the pyramid does not have or that
 * have another shape, an output other than the one announced, names of state, scalars and draws that do not exist.
 *
 * @throws {LapyraError} `LAPYRA_LEVEL_INVALID` naming every contradiction
 */
export function checkLevel(level: Level): void {
  const problems = [
    ...samplerProblems(level),
    ...(level.likelihood ? likelihoodProblems(level, level.likelihood) : []),
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
  const problems = inputProblems('sampler', sampler.inputs, allowedInputs(level));
  const outputs = Object.keys(sampler.outputs);
  if (outputs.length !== 1 || outputs[0] !== output)
    problems.push(`expected '${output}' as the sampler's only output, got ${list(outputs)}`);
  if (output === 'band' && !place.coarse)
    problems.push(`expected a first level to give an image, got a band`);
  if (sampler.writes.length > 0)
    problems.push(`expected a sampler that writes no state, got ${list(sampler.writes)}`);
  return problems;
}

function likelihoodProblems(
  { place, sampler, training }: Level,
  { inputs, outputs, reads, writes }: TensorProgram,
): string[] {
  const allowed = allowedInputs({ place, noise: {} });
  allowed.set('image', [null, ...place.size, place.channels]);
  const problems = inputProblems('likelihood', inputs, allowed);
  const names = Object.keys(outputs);
  if (names.length !== 1 || names[0] !== 'logLikelihood')
    problems.push(`expected 'logLikelihood' as the likelihood's only output, got ${list(names)}`);
  if (writes.length > 0)
    problems.push(`expected a likelihood that writes no state, got ${list(writes)}`);
  const known =
    training?.kind === 'steps'
      ? Object.keys(training.samplerState)
      : 'kind' in sampler
        ? null // whatever it was fitted with
        : sampler.reads;
  const unknown = known ? reads.filter((name) => !known.includes(name)) : [];
  if (unknown.length > 0)
    problems.push(`expected a likelihood that reads the sampler's state, got ${list(unknown)}`);
  return problems;
}

function inputProblems(
  what: string,
  inputs: Readonly<Record<string, InputSpec>>,
  allowed: ReadonlyMap<string, readonly (number | null)[]>,
): string[] {
  return Object.entries(inputs).flatMap(([name, { shape, dtype }]) => {
    const wanted = allowed.get(name);
    if (!wanted)
      return [
        `expected ${what} inputs among ${[...allowed.keys()].join(', ') || 'none'}, got '${name}'`,
      ];
    const same =
      dtype === 'float32' &&
      shape.length === wanted.length &&
      wanted.every((side, axis) => side === shape[axis]);
    return same
      ? []
      : [
          `expected ${what} input '${name}' to be float32 ${shown(wanted)}, got ${dtype} ${shown(shape)}`,
        ];
  });
}

function allowedInputs({
  place,
  noise,
}: Pick<Level, 'place' | 'noise'>): Map<string, (number | null)[]> {
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

function trainingProblems(level: Level, training: StepTraining): string[] {
  const { place, sampler } = level;
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
      problems.push(...drawProblems(`draw '${name}' ${of}`, draw, place));
      if (draw.unlike === undefined) continue;
      known(`'unlike' of draw '${name}' ${of}`, [draw.unlike], program.draws);
      const other = program.draws[draw.unlike];
      if (other && other.count !== draw.count)
        problems.push(
          `expected draw '${name}' ${of} to be ${other.count} as '${draw.unlike}' is, got ${draw.count}`,
        );
      if (draw.mayBeGenerated || other?.mayBeGenerated)
        problems.push(
          `expected draw '${name}' ${of} and '${draw.unlike}' to be of true images, got generated ones`,
        );
    }
  }
  if (training.critic) problems.push(...criticProblems(training.critic, training, place));
  if (training.style) problems.push(...styleProblems(training.style, training, level));
  for (const [name, network] of Object.entries(training.networks ?? {}))
    problems.push(...networkProblems(name, network, training, level));
  return problems;
}

function drawProblems(what: string, { of, mayBeGenerated }: Draw, place: LevelPlace): string[] {
  const problems: string[] = [];
  const refining = of.filter((part) => part !== 'image' && part !== 'condition');
  if (!place.coarse && refining.length > 0)
    problems.push(`expected ${what} to be of images, got ${list(refining)}`);
  if (place.condition.kind === 'none' && of.includes('condition'))
    problems.push(`expected ${what} without a condition, got one`);
  if (!mayBeGenerated) return problems;
  if (!place.coarse || !(of.includes('low') || of.includes('coarse')))
    problems.push(`expected ${what}, which may be generated, to be of coarse images, got none`);
  const truth = of.filter((part) => part === 'image' || part === 'band');
  if (truth.length > 0 && !of.includes('paired'))
    problems.push(
      `expected ${what}, which may be generated, to tell true ones by 'paired', got ${list(truth)} without it`,
    );
  return problems;
}

function criticProblems(
  { program }: Critic,
  { state }: StepTraining,
  { size, coarse, channels, condition }: LevelPlace,
): string[] {
  const image = [null, ...size, channels];
  const allowed = new Map<string, (number | null)[]>([['image', image]]);
  if (coarse) {
    allowed.set('low', image);
    allowed.set('coarse', [null, ...coarse, channels]);
  }
  if (conditionWidth(condition) > 0) allowed.set('condition', [null, conditionWidth(condition)]);
  return [
    ...inputProblems('critic', program.inputs, allowed),
    ...readingProblems('critic', program, state, ['logits']),
  ];
}

/** What it tells is drawn from in the place of noise: all of the level's, by the names of the sampler's inputs. */
function styleProblems(
  program: TensorProgram,
  { state }: StepTraining,
  { place, noise }: Level,
): string[] {
  const image = [null, ...place.size, place.channels];
  const wanted = Object.keys(noise).map((name) => `noise.${name}`);
  return [
    ...inputProblems('style', program.inputs, new Map([['image', image]])),
    ...readingProblems('style', program, state, wanted),
  ];
}

function networkProblems(
  name: string,
  { layers, program }: LevelNetwork,
  { state }: StepTraining,
  level: Level,
): string[] {
  const what = `network '${name}'`;
  if (new Set(layers).size < layers.length || layers.length === 0)
    return [`expected ${what} to have layers with names of their own, got ${list(layers)}`];
  const { size, channels } = level.place;
  const allowed = allowedInputs(level).set('image', [null, ...size, channels]);
  // What is wrong with one layer is wrong with those behind it.
  return [
    ...new Set(
      layers.flatMap((layer) => {
        const one = program(layer);
        return [
          ...inputProblems(what, one.inputs, allowed),
          ...readingProblems(what, one, state, ['features']),
        ];
      }),
    ),
  ];
}

/** A program that reads trained state and computes something of it. */
function readingProblems(
  what: string,
  program: TensorProgram,
  state: StepTraining['state'],
  announced: readonly string[],
): string[] {
  const problems: string[] = [];
  const unknown = program.reads.filter((name) => !Object.hasOwn(state, name));
  if (unknown.length > 0)
    problems.push(`expected a ${what} that reads training state, got ${list(unknown)}`);
  const outputs = Object.keys(program.outputs);
  if (outputs.toSorted().join() !== announced.toSorted().join())
    problems.push(
      `expected ${announced.map((name) => `'${name}'`).join(', ')} as the only output of a ${what}, got ${list(outputs)}`,
    );
  if (program.writes.length > 0)
    problems.push(`expected a ${what} that writes no state, got ${list(program.writes)}`);
  return problems;
}

function list(names: readonly string[]): string {
  return names.join(', ') || 'none';
}

function shown(shape: readonly (number | null)[]): string {
  return `[${shape.map((side) => side ?? 'B').join(', ')}]`;
}
