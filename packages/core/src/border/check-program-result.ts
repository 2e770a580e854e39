import { LapyraError } from '../error.js';
import { quoteNames } from '../quote-names.js';
import type { ProgramResult, TensorProgram } from '../tensor-program.js';
import type { DType } from '../tensor-value.js';
import { describePort, insideType, sameShape, type TensorPorts } from './tensor-port.js';

/**
 * The result of a program, if it is what the program declares: the state tensors of `writes` with the element types and
 * shapes that they have in the state, and the outputs with theirs.
 *
 * @param state element types and shapes of the state
 * @throws {LapyraError} `LAPYRA_ENGINE_RESULT` saying what was expected and got
 */
export function checkProgramResult(
  subject: string,
  program: TensorProgram,
  state: TensorPorts,
  result: unknown,
): ProgramResult {
  const returned = (result ?? {}) as Partial<ProgramResult>;
  checkNames(subject, 'state', program.writes, returned.state);
  checkNames(subject, 'outputs', Object.keys(program.outputs), returned.outputs);
  for (const name of program.writes) {
    const { dtype, shape } = state[name]!;
    checkTensor(`${subject}, state tensor '${name}'`, dtype, shape, returned.state?.[name]);
  }
  for (const [name, dtype] of Object.entries(program.outputs))
    checkTensor(`${subject}, output '${name}'`, dtype, undefined, returned.outputs?.[name]);
  return result as ProgramResult;
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
    `${subject}: expected ${what} ${quoteNames(declared)}, got ${quoteNames(names)}.`,
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
