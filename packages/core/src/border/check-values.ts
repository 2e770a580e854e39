// What the host hands to an engine is checked before anything runs.
import { LapyraError } from '../error.js';
import { quoteNames } from '../quote-names.js';
import { elementCount, type TensorValue, type TensorValues } from '../tensor-value.js';
import { describePort, samePort, type TensorPorts } from './tensor-port.js';

type ValueCode = 'LAPYRA_ENGINE_INPUT' | 'LAPYRA_ENGINE_STATE';

/**
 * The inputs of a run are exactly those that are expected, each with its element type and shape.
 *
 * @throws {LapyraError} `LAPYRA_ENGINE_INPUT`, saying what was expected and got
 */
export function checkInputs(subject: string, expected: TensorPorts, given: TensorValues): void {
  const names = Object.keys(expected);
  const complete = names.every((name) => Object.hasOwn(given, name));
  checkNames(subject, 'LAPYRA_ENGINE_INPUT', names, given, complete);
  checkPorts(subject, 'LAPYRA_ENGINE_INPUT', expected, given);
}

/**
 * What is written into a state is a part of it, each tensor with the element type and shape that it has there.
 *
 * @throws {LapyraError} `LAPYRA_ENGINE_STATE`, saying what was expected and got
 */
export function checkStatePart(subject: string, state: TensorPorts, part: TensorValues): void {
  checkNames(subject, 'LAPYRA_ENGINE_STATE', Object.keys(state), part, true);
  checkPorts(subject, 'LAPYRA_ENGINE_STATE', state, part);
}

/**
 * The array of a tensor has the type and the length that dtype and shape say.
 *
 * @param subject with the name of the tensor, for the message
 * @throws {LapyraError} with `code`
 */
export function checkTensorValue(subject: string, code: ValueCode, value: TensorValue): void {
  const array = ARRAYS[value.dtype];
  const count = elementCount(value.shape);
  if (value.data instanceof array && value.data.length === count) return;
  throw new LapyraError(
    code,
    `${subject}: expected ${array.name} of ${count} elements for ${describePort(value)}, ` +
      `got ${value.data.constructor.name} of ${value.data.length}.`,
  );
}

/** How a value is called in messages: `input 'x'`, `state tensor 'x'`. */
const NOUN = { LAPYRA_ENGINE_INPUT: 'input', LAPYRA_ENGINE_STATE: 'state tensor' } as const;

const ARRAYS = {
  float32: Float32Array,
  int32: Int32Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const;

function checkNames(
  subject: string,
  code: ValueCode,
  known: readonly string[],
  given: TensorValues,
  complete: boolean,
): void {
  const names = Object.keys(given);
  if (complete && names.every((name) => known.includes(name))) return;
  throw new LapyraError(
    code,
    `${subject}: expected ${NOUN[code]}s ${quoteNames(known)}, got ${quoteNames(names)}.`,
  );
}

function checkPorts(
  subject: string,
  code: ValueCode,
  expected: TensorPorts,
  given: TensorValues,
): void {
  for (const [name, value] of Object.entries(given)) {
    const place = `${subject}, ${NOUN[code]} '${name}'`;
    checkTensorValue(place, code, value);
    const port = expected[name]!;
    if (samePort(port, value)) continue;
    throw new LapyraError(
      code,
      `${place}: expected ${describePort(port)}, got ${describePort(value)}.`,
    );
  }
}
