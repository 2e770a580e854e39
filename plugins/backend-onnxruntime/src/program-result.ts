// What a program returns, held against what it declares.
import { type DType, LapyraError, type ProgramResult, type TensorProgram } from '@lapyra/core';
import { describePort, type Ports, quoted } from './program-border.js';

/**
 * The result of a program, if it is what the program declares: the state tensors of `writes` with the element types and
 * shapes that they have in the state, and the outputs with theirs.
 *
 * @param ports element types and shapes of the state
 * @throws {LapyraError} `LAPYRA_ENGINE_RESULT` saying what was expected and got
 */
export function checkResult(
  subject: string,
  program: TensorProgram,
  ports: Ports,
  result: unknown,
): ProgramResult {
  const { state, outputs } = (result ?? {}) as Partial<ProgramResult>;
  checkNames(subject, 'state', program.writes, state);
  checkNames(subject, 'outputs', Object.keys(program.outputs), outputs);
  for (const name of program.writes) {
    const port = ports[name]!;
    checkTensor(`${subject}, state tensor '${name}'`, port.dtype, port.shape, state?.[name]);
  }
  for (const [name, dtype] of Object.entries(program.outputs))
    checkTensor(`${subject}, output '${name}'`, dtype, undefined, outputs?.[name]);
  return result as ProgramResult;
}

/** The element type that a program sees: tfjs has no `uint8`, so that becomes int32. */
export function insideType(dtype: DType): 'float32' | 'int32' | 'bool' {
  return dtype === 'uint8' ? 'int32' : dtype;
}

function checkNames(
  subject: string,
  what: string,
  declared: readonly string[],
  returned: object | undefined,
): void {
  const names = Object.keys(returned ?? {});
  if (names.length === declared.length && names.every((name) => declared.includes(name))) return;
  throw new LapyraError(
    'LAPYRA_ENGINE_RESULT',
    `${subject}: expected ${what} ${quoted(declared)}, got ${quoted(names)}.`,
    { hint: 'A program returns exactly what it declares in `writes` and `outputs`.' },
  );
}

function checkTensor(
  place: string,
  dtype: DType,
  shape: readonly number[] | undefined,
  value: unknown,
): void {
  const got = value as { readonly dtype?: unknown; readonly shape?: readonly number[] } | null;
  const isTensor = typeof got?.dtype === 'string' && Array.isArray(got.shape);
  if (isTensor && got.dtype === insideType(dtype) && (!shape || sameShape(shape, got.shape)))
    return;
  const wanted = shape ? describePort({ dtype, shape }) : dtype;
  const found = isTensor
    ? `${got.dtype} [${got.shape.join(', ')}]`
    : `${value === null ? 'null' : typeof value} in place of a tensor`;
  throw new LapyraError('LAPYRA_ENGINE_RESULT', `${place}: expected ${wanted}, got ${found}.`, {
    hint:
      dtype === 'uint8'
        ? 'Inside a program uint8 is int32: cast before returning.'
        : 'Cast or reshape before returning.',
  });
}

function sameShape(a: readonly number[], b: readonly number[] | undefined): boolean {
  return a.length === b?.length && a.every((side, index) => side === b[index]);
}
