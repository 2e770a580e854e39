// What an engine learns of a program when it opens a state and compiles the program against it.
import { LapyraError } from '../error.js';
import { quoteNames } from '../quote-names.js';
import type { InputSpec, TensorProgram } from '../tensor-program.js';
import type { TensorValues } from '../tensor-value.js';
import { checkTensorValue } from './check-values.js';
import type { TensorPorts } from './tensor-port.js';

/**
 * Element types and shapes of a state that is opened.
 *
 * @throws {LapyraError} `LAPYRA_ENGINE_STATE` for an array that does not fit its element type and shape
 */
export function statePorts(subject: string, state: TensorValues): TensorPorts {
  return Object.fromEntries(
    Object.entries(state).map(([name, value]) => {
      checkTensorValue(`${subject}, state tensor '${name}'`, 'LAPYRA_ENGINE_STATE', value);
      return [name, { dtype: value.dtype, shape: [...value.shape] }];
    }),
  );
}

/**
 * The inputs of a program with `batch` in place of each `null`.
 *
 * @throws {LapyraError} `LAPYRA_ENGINE_BATCH` if a batch is wanted and none is given, or it is no whole number ≥ 1
 */
export function inputPorts(
  subject: string,
  inputs: Readonly<Record<string, InputSpec>>,
  batch: number | undefined,
): TensorPorts {
  const refuse = (what: string): never => {
    throw new LapyraError('LAPYRA_ENGINE_BATCH', `${subject}: expected ${what}.`, {
      hint: 'Give compile() the number of images that the program is run with.',
    });
  };
  if (batch !== undefined && !(Number.isInteger(batch) && batch >= 1))
    refuse(`a batch that is a whole number of at least 1, got ${batch}`);
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { dtype, shape }]) => {
      const sides = shape.map((side) => side ?? 'batch').join(', ');
      const fixed = shape.map(
        (side) => side ?? batch ?? refuse(`a batch for input '${name}' [${sides}], got none`),
      );
      return [name, { dtype, shape: fixed }];
    }),
  );
}

/**
 * The state tensors that a program reads and writes are there.
 *
 * @throws {LapyraError} `LAPYRA_ENGINE_STATE` naming those that are not
 */
export function checkProgram(subject: string, program: TensorProgram, state: TensorPorts): void {
  const wanted = [...new Set([...program.reads, ...program.writes])];
  const missing = wanted.filter((name) => !Object.hasOwn(state, name));
  if (missing.length === 0) return;
  throw new LapyraError(
    'LAPYRA_ENGINE_STATE',
    `${subject}: expected the state to hold ${quoteNames(wanted)}, got a state without ${quoteNames(missing)}.`,
  );
}

/**
 * The names among `known` to give back, all if none are wanted.
 *
 * @throws {LapyraError} `LAPYRA_ENGINE_NAME` for a name that is not known
 */
export function chosenNames(
  subject: string,
  what: 'output' | 'state tensor',
  known: readonly string[],
  wanted: readonly string[] | undefined,
): readonly string[] {
  const strange = wanted?.find((name) => !known.includes(name));
  if (strange === undefined) return wanted ?? known;
  throw new LapyraError(
    'LAPYRA_ENGINE_NAME',
    `${subject}: expected ${what}s among ${quoteNames(known)}, got '${strange}'.`,
  );
}
