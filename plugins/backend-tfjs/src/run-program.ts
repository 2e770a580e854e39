import { LapyraError, type TensorProgram, type TensorValues } from '@lapyra/core';
import { dispose, keep, Tensor, tidy } from '@tensorflow/tfjs-core';
import { describePort, type Port, type Ports, quoted } from './program-border.js';
import { hasType, toTensor, toValue } from './tensor-border.js';

export interface ProgramRun {
  /** New state tensors, kept: the caller owns them. */
  readonly state: ReadonlyMap<string, Tensor>;
  readonly outputs: TensorValues;
}

/**
 * Run a program once on tfjs's current backend. All tensors in between are disposed of, also when it fails.
 *
 * @param state tensors by name; they stay as they are
 * @param ports element types and shapes of the state
 * @throws {LapyraError} `LAPYRA_ENGINE_RESULT` if the program returns other than it declares, `LAPYRA_ENGINE_RUN` with
 * the cause if it throws anything else
 */
export function runProgram(
  subject: string,
  program: TensorProgram,
  state: ReadonlyMap<string, Tensor>,
  ports: Ports,
  inputs: TensorValues,
  read: readonly string[],
): ProgramRun {
  const written = new Map<string, Tensor>();
  const outputs: Record<string, TensorValues[string]> = {};
  try {
    tidy(() => {
      // Clones, so that a program that disposes of its arguments does no harm.
      const given = Object.fromEntries(
        program.reads.map((name) => [name, state.get(name)!.clone()]),
      );
      const fed = Object.fromEntries(
        Object.entries(inputs).map(([name, value]) => [name, toTensor(value)]),
      );
      const result = program.run(given, fed);
      checkNames(subject, 'state', program.writes, result.state);
      checkNames(subject, 'outputs', Object.keys(program.outputs), result.outputs);
      for (const name of program.writes) {
        const value = checked(subject, `state tensor '${name}'`, result.state[name], ports[name]!);
        // A clone, since the program may return a tensor twice, or one that it was given.
        written.set(name, keep(value.clone()));
      }
      for (const [name, dtype] of Object.entries(program.outputs)) {
        const value = checked(subject, `output '${name}'`, result.outputs[name], { dtype });
        if (read.includes(name)) outputs[name] = toValue(value, dtype);
      }
    });
  } catch (error) {
    dispose([...written.values()]);
    throw wrapped(subject, error);
  }
  return { state: written, outputs };
}

function checkNames(
  subject: string,
  what: string,
  declared: readonly string[],
  returned: unknown,
): void {
  const names = Object.keys((returned ?? {}) as object);
  if (names.length === declared.length && names.every((name) => declared.includes(name))) return;
  throw new LapyraError(
    'LAPYRA_ENGINE_RESULT',
    `${subject}: expected ${what} ${quoted(declared)}, got ${quoted(names)}.`,
    { hint: 'A program returns exactly what it declares in `writes` and `outputs`.' },
  );
}

function checked(
  subject: string,
  place: string,
  value: unknown,
  port: Pick<Port, 'dtype'> & Partial<Port>,
): Tensor {
  const { dtype, shape } = port;
  const got = value instanceof Tensor ? value : undefined;
  const fits = got && hasType(got, dtype);
  if (fits && (!shape || sameShape(got.shape, shape))) return got;
  const wanted = shape ? describePort({ dtype, shape }) : dtype;
  const what = got
    ? `${got.dtype} [${got.shape.join(', ')}]`
    : `no tensor but ${value === null ? 'null' : typeof value}`;
  throw new LapyraError(
    'LAPYRA_ENGINE_RESULT',
    `${subject}, ${place}: expected ${wanted}, got ${what}.`,
    dtype === 'uint8' ? { hint: 'Inside a program uint8 is int32: cast before returning.' } : {},
  );
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((side, index) => side === b[index]);
}

function wrapped(subject: string, error: unknown): LapyraError {
  if (LapyraError.is(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new LapyraError('LAPYRA_ENGINE_RUN', `${subject}: failed: ${message}`, { cause: error });
}
