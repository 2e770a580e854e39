// What crosses the border between the host and a program is checked here, before anything runs.
import {
  type DType,
  elementCount,
  type InputSpec,
  LapyraError,
  type TensorProgram,
  type TensorValue,
  type TensorValues,
} from '@lapyra/core';

/** Element type and shape of a tensor at the border. */
export interface Port {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

export type Ports = Readonly<Record<string, Port>>;

/**
 * The inputs of a program with `batch` in place of each `null`.
 *
 * @throws {LapyraError} `LAPYRA_ENGINE_BATCH` if a batch is wanted and none is given, or it is no whole number ≥ 1
 */
export function inputPorts(
  subject: string,
  inputs: Readonly<Record<string, InputSpec>>,
  batch: number | undefined,
): Ports {
  const refuse = (what: string): never => {
    throw new LapyraError('LAPYRA_ENGINE_BATCH', `${subject}: expected ${what}.`, {
      hint: 'Give compile() the number of images that the program is run with.',
    });
  };
  if (batch !== undefined && !(Number.isInteger(batch) && batch >= 1))
    refuse(`a batch that is a whole number of at least 1, got ${batch}`);
  return mapValues(inputs, ({ dtype, shape }, name) => ({
    dtype,
    shape: shape.map((side) =>
      side === null
        ? (batch ?? refuse(`a batch for input '${name}' ${describeShape(shape)}, got none`))
        : side,
    ),
  }));
}

/**
 * The state tensors that a program reads and writes are there.
 *
 * @throws {LapyraError} `LAPYRA_ENGINE_STATE` naming those that are not
 */
export function checkProgram(subject: string, program: TensorProgram, state: Ports): void {
  const wanted = [...new Set([...program.reads, ...program.writes])];
  const missing = wanted.filter((name) => !Object.hasOwn(state, name));
  if (missing.length > 0) {
    throw new LapyraError(
      'LAPYRA_ENGINE_STATE',
      `${subject}: expected the state to hold ${quoted(wanted)}, got a state without ${quoted(missing)}.`,
    );
  }
}

/**
 * Each value is one that is expected: its name, element type, shape, and as many elements as the shape says.
 *
 * @param what `input` or `state tensor`, for messages
 * @param partial whether some may be left out
 * @throws {LapyraError} `LAPYRA_ENGINE_INPUT` or `LAPYRA_ENGINE_STATE`, saying what was expected and got
 */
export function checkValues(
  subject: string,
  what: 'input' | 'state tensor',
  expected: Ports,
  given: TensorValues,
  partial = false,
): void {
  const code = what === 'input' ? 'LAPYRA_ENGINE_INPUT' : 'LAPYRA_ENGINE_STATE';
  const names = Object.keys(given);
  const unknown = names.filter((name) => !Object.hasOwn(expected, name));
  const missing = partial
    ? []
    : Object.keys(expected).filter((name) => !Object.hasOwn(given, name));
  if (unknown.length > 0 || missing.length > 0) {
    throw new LapyraError(
      code,
      `${subject}: expected ${what}s ${quoted(Object.keys(expected))}, got ${quoted(names)}.`,
    );
  }
  for (const [name, value] of Object.entries(given)) {
    const place = `${subject}, ${what} '${name}'`;
    checkWhole(place, code, value);
    const port = expected[name];
    if (port && !samePort(port, value)) {
      throw new LapyraError(
        code,
        `${place}: expected ${describePort(port)}, got ${describePort(value)}.`,
      );
    }
  }
}

/**
 * The array has the type and the length that dtype and shape say.
 *
 * @throws {LapyraError} with `code`
 */
export function checkWhole(
  place: string,
  code: 'LAPYRA_ENGINE_INPUT' | 'LAPYRA_ENGINE_STATE',
  value: TensorValue,
): void {
  const array = ARRAYS[value.dtype];
  const count = elementCount(value.shape);
  if (value.data instanceof array && value.data.length === count) return;
  throw new LapyraError(
    code,
    `${place}: expected ${array.name} of ${count} elements for ${describePort(value)}, ` +
      `got ${value.data.constructor.name} of ${value.data.length}.`,
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
    `${subject}: expected ${what}s among ${quoted(known)}, got '${strange}'.`,
  );
}

export function samePort(a: Port, b: Port): boolean {
  return (
    a.dtype === b.dtype &&
    a.shape.length === b.shape.length &&
    a.shape.every((side, index) => side === b.shape[index])
  );
}

/** `float32 [2, 3]`. */
export function describePort(port: Port): string {
  return `${port.dtype} ${describeShape(port.shape)}`;
}

/** `'a', 'b'`, or `none`. */
export function quoted(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ') || 'none';
}

export function mapValues<In, Out>(
  record: Readonly<Record<string, In>>,
  map: (value: In, name: string) => Out,
): Record<string, Out> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, map(value, name)]),
  );
}

function describeShape(shape: readonly (number | null)[]): string {
  return `[${shape.map((side) => side ?? 'batch').join(', ')}]`;
}

const ARRAYS = {
  float32: Float32Array,
  int32: Int32Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const;
