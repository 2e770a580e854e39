// A level's step program knows only its own views of the images. What is traced is the whole: pixels of full-size crops
// → whitening, d, u, band → the program.
import {
  conditionWidth,
  type Draw,
  type InputSpec,
  LapyraError,
  type Level,
  type Size,
  sizeName,
  type StepProgram,
  type StepTraining,
  type TensorProgram,
  type Tensors,
  type TensorTransform,
} from '@lapyra/core';
import { type CoarseMixing, isMixed, needsPixels } from './coarse-mixing.js';

/** State tensors that hold the whitening in a composed program. */
export const WHITENING_STATE = ['whitening.mean', 'whitening.scale'] as const;

export interface ComposeOptions {
  readonly level: Level;
  readonly transform: TensorTransform;
  /** Sizes of the pyramid, coarse to fine. */
  readonly sizes: readonly Size[];
  /** Which of them is the level's. */
  readonly index: number;
  /** What is mixed into draws that may be of generated coarse images. Default: nothing. */
  readonly mixing?: CoarseMixing;
}

/**
 * A step program with its views in front, as an engine compiles it. Inputs: `<draw>.pixels` uint8 [count, H, W, C] of
 * full-size crops where a draw wants any view, `<draw>.condition` [count, width], `<draw>.paired` [count],
 * `<draw>.generated` [count, h, w, C] where coarse images are mixed, `<noise draw>.<noise name>`
 * [count, …], random inputs and scalars (float32) by name. State: the program's and {@link WHITENING_STATE}.
 *
 * @throws {LapyraError} `LAPYRA_LEVEL_PROGRAM` naming level and program if its declaration does not fit the training
 * state, the level's place or itself; when traced, if `run` breaks its declaration or fails
 */
export function composeStep(
  program: StepProgram,
  training: StepTraining,
  { level, transform, sizes, index, mixing }: ComposeOptions,
): TensorProgram {
  const subject = `level ${sizeName(level.place.size)}, program '${program.name}'`;
  checkDeclaration(subject, program, training, level);
  const crop = sizes.at(-1) as Size;
  const inputs: Record<string, InputSpec> = {};
  const add = (name: string, spec: InputSpec): void => {
    if (name in inputs || program.reads.includes(name))
      throw misfit(subject, `inputs with names of their own`, `'${name}' twice`);
    inputs[name] = spec;
  };
  const seen = new Set<string>(); // names that the program itself gets
  const give = (name: string): void => {
    if (seen.has(name)) throw misfit(subject, `inputs with names of their own`, `'${name}' twice`);
    seen.add(name);
  };
  for (const [name, draw] of Object.entries(program.draws)) {
    for (const part of draw.of) give(`${name}.${part}`);
    const { coarse, channels } = level.place;
    if (needsPixels(draw, mixing))
      add(`${name}.pixels`, {
        dtype: 'uint8',
        shape: [draw.count, ...crop, channels],
      });
    if (draw.of.includes('condition'))
      add(`${name}.condition`, {
        dtype: 'float32',
        shape: [draw.count, conditionWidth(level.place.condition)],
      });
    if (draw.of.includes('paired') || isMixed(draw, mixing))
      add(`${name}.paired`, { dtype: 'float32', shape: [draw.count] });
    if (isMixed(draw, mixing))
      add(`${name}.generated`, {
        dtype: 'float32',
        shape: [draw.count, ...(coarse ?? []), channels],
      });
  }
  const own: [string, readonly number[]][] = [
    ...Object.entries(program.noise).flatMap(([name, count]) =>
      Object.entries(level.noise).map(([noise, { shape }]): [string, readonly number[]] => [
        `${name}.${noise}`,
        [count, ...shape],
      ]),
    ),
    ...Object.entries(program.random).map(([name, { shape }]): [string, readonly number[]] => [
      name,
      shape,
    ]),
    ...program.scalars.map((name): [string, readonly number[]] => [name, []]),
  ];
  for (const [name, shape] of own) {
    give(name);
    add(name, { dtype: 'float32', shape });
  }
  const views = Object.entries(program.draws).filter(
    ([name, draw]) => `${name}.pixels` in inputs || isMixed(draw, mixing),
  );
  const isWhitened = views.some(([name]) => `${name}.pixels` in inputs);
  return {
    name: `${sizeName(level.place.size)}.${program.name}`,
    reads: isWhitened ? [...program.reads, ...WHITENING_STATE] : program.reads,
    writes: program.writes,
    inputs,
    outputs: Object.fromEntries(program.outputs.map((name) => [name, 'float32'])),
    run: (state, given) => {
      const parts: Tensors[string][] = [];
      const known: Record<string, (typeof parts)[number]> = { ...given };
      const [mean, scale] = WHITENING_STATE.map((name) => state[name]);
      for (const [name, draw] of views) {
        const taken = (input: 'pixels' | 'generated' | 'paired'): Tensors[string] | undefined => {
          const tensor = given[`${name}.${input}`];
          if (input !== 'paired' || !draw.of.includes('paired')) delete known[`${name}.${input}`];
          return tensor;
        };
        const pixels = taken('pixels');
        if (`${name}.pixels` in inputs && !(pixels && mean && scale))
          throw misfit(subject, `an engine that gives '${name}.pixels' and the whitening`, 'none');
        const truth =
          pixels && mean && scale
            ? transform.views(pixels, { mean, scale }, sizes, index)
            : { image: null, coarse: null, low: null, band: null };
        const generated = taken('generated');
        const all =
          generated && isMixed(draw, mixing)
            ? mixViews(truth, generated, taken('paired'), draw, level.place.size, transform, mixing)
            : truth;
        for (const part of draw.of) {
          if (part === 'condition' || part === 'paired') continue;
          const view = all[part];
          if (!view) throw misfit(subject, `the view '${part}' from the transform`, 'none');
          known[`${name}.${part}`] = view;
        }
      }
      const result = runProgram(subject, program, pick(state, program.reads), known, transform);
      checkNames(subject, 'new state', Object.keys(result.state), program.writes);
      checkNames(subject, 'outputs', Object.keys(result.outputs), program.outputs);
      return result;
    },
  };
}

interface Views {
  readonly image: Tensors[string] | null;
  readonly coarse: Tensors[string] | null;
  readonly low: Tensors[string] | null;
  readonly band: Tensors[string] | null;
}

/** The views with generated coarse images where they are not paired; image and band stay those of the pictures. */
function mixViews(
  truth: Views,
  generated: Tensors[string],
  paired: Tensors[string] | undefined,
  { of }: Draw,
  size: Size,
  transform: TensorTransform,
  mixing: CoarseMixing,
): Views {
  const coarse =
    truth.coarse && paired ? mixing.select(paired, truth.coarse, generated) : generated;
  // Only if it is asked for: a chain of levels stands on an image that is smaller by more than one ratio.
  return { ...truth, coarse, low: of.includes('low') ? transform.upsample(coarse, size) : null };
}

function checkDeclaration(
  subject: string,
  program: StepProgram,
  { state, scalars }: StepTraining,
  { place, noise }: Level,
): void {
  for (const name of Object.keys(state))
    if ((WHITENING_STATE as readonly string[]).includes(name))
      throw misfit(subject, 'state under other names than the whitening', `'${name}'`);
  for (const [what, names, known] of [
    ['read', program.reads, state],
    ['write', program.writes, state],
    ['take the scalar', program.scalars, scalars],
  ] as const)
    for (const name of names)
      if (!(name in known))
        throw misfit(
          subject,
          `to ${what} only what the training declares (${Object.keys(known).join(', ')})`,
          `'${name}'`,
        );
  if (!program.outputs.includes('finite'))
    throw misfit(
      subject,
      `an output 'finite' that tells whether the step counted`,
      program.outputs.join(', ') || 'none',
    );
  for (const [name, { count, of, unlike }] of Object.entries(program.draws)) {
    checkCount(subject, `draw '${name}'`, count);
    for (const part of of) {
      if (part === 'condition' && conditionWidth(place.condition) === 0)
        throw misfit(
          subject,
          `a draw of images only, the pyramid has no condition`,
          `'${name}.condition'`,
        );
      if (!place.coarse && part !== 'image' && part !== 'condition')
        throw misfit(
          subject,
          `a draw of 'image' and 'condition' at the first level`,
          `'${name}.${part}'`,
        );
    }
    if (unlike === undefined) continue;
    const other = program.draws[unlike];
    if (other?.count !== count || other.unlike !== undefined)
      throw misfit(
        subject,
        `draw '${name}' unlike a plain draw of ${count} images`,
        other ? `'${unlike}' of ${other.count}` : `'${unlike}', which is none`,
      );
    const { condition } = place;
    if (condition.kind === 'none' || (condition.kind === 'classes' && condition.names.length < 2))
      throw misfit(
        subject,
        `draw '${name}' unlike '${unlike}' in a pyramid conditioned on two or more classes, or on captions`,
        condition.kind,
      );
  }
  for (const [name, count] of Object.entries(program.noise)) {
    checkCount(subject, `noise '${name}'`, count);
    if (Object.keys(noise).length === 0)
      throw misfit(subject, 'no draws of noise, the level has none', `'${name}'`);
  }
}

function checkCount(subject: string, what: string, count: number): void {
  if (!Number.isInteger(count) || count < 1)
    throw misfit(subject, `${what} of a whole number of images`, String(count));
}

function runProgram(
  subject: string,
  program: StepProgram,
  state: Tensors,
  inputs: Tensors,
  transform: TensorTransform,
): ReturnType<StepProgram['run']> {
  try {
    return program.run(state, inputs, transform);
  } catch (cause) {
    if (LapyraError.is(cause)) throw cause;
    const { message } = cause as Error;
    throw new LapyraError('LAPYRA_LEVEL_PROGRAM', `${subject}: ${message}`, { cause });
  }
}

function checkNames(
  subject: string,
  what: string,
  got: readonly string[],
  declared: readonly string[],
): void {
  const wrong = [
    ...declared.filter((n) => !got.includes(n)),
    ...got.filter((n) => !declared.includes(n)),
  ];
  if (wrong.length > 0)
    throw misfit(
      subject,
      `${what} as declared (${declared.join(', ') || 'none'})`,
      got.join(', ') || 'none',
    );
}

function pick(all: Tensors, names: readonly string[]): Tensors {
  return Object.fromEntries(names.map((name) => [name, all[name] as Tensors[string]]));
}

function misfit(subject: string, expected: string, got: string): LapyraError {
  return new LapyraError('LAPYRA_LEVEL_PROGRAM', `${subject}: expected ${expected}, got ${got}.`);
}
