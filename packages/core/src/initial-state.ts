import { LapyraError } from './error.js';
import type { Initial, StateTensor } from './state-tensor.js';
import { randomStream } from './random/random-stream.js';
import { type DType, elementCount, type TensorValues, type TypedData } from './tensor-value.js';

type State = Readonly<Record<string, StateTensor>>;

/**
 * The state with which a level's training begins: each tensor filled, drawn or copied as it declares. What is drawn is
 * keyed by (seed, 'initial', level, tensor name), so neither the order of the tensors nor other tensors matter.
 *
 * @param levelName the name of the level's size: `14`, or `14x20`
 * @throws {LapyraError} `LAPYRA_STATE_INITIAL` for a copy of a tensor that is missing, has another shape or type, or
 * is a copy of itself in the end; for given values that do not fill the tensor; and for random numbers of a type other
 * than float32
 */
export function initialState(state: State, seed: number, levelName: string): TensorValues {
  return Object.fromEntries(
    Object.entries(state).map(([name, { shape, dtype = 'float32' }]) => {
      const source = originOf(name, state);
      const data = fill(source.initial, dtype, elementCount(shape), [
        seed,
        'initial',
        levelName,
        source.name,
      ]);
      return [name, { dtype, shape, data }];
    }),
  );
}

/** The number of trained parameters: elements of the tensors with the role `weight` (biases count, averages do not). */
export function countParameters(state: State): number {
  let count = 0;
  for (const { role, shape } of Object.values(state)) {
    if (role === 'weight') count += elementCount(shape);
  }
  return count;
}

type Drawn = Exclude<Initial, { readonly copy: string }>;

/** The tensor at the end of the chain of copies that starts at `name`. */
function originOf(name: string, state: State): { readonly name: string; readonly initial: Drawn } {
  const seen = new Set<string>();
  let at = name;
  for (;;) {
    const tensor = state[at] as StateTensor;
    if (!('copy' in tensor.initial)) return { name: at, initial: tensor.initial };
    seen.add(at);
    const { copy } = tensor.initial;
    const other = state[copy];
    const problem = !other
      ? 'no such tensor'
      : seen.has(copy)
        ? 'a copy of itself'
        : !sameKind(tensor, other)
          ? `one of shape [${other.shape.join(', ')}], ${other.dtype ?? 'float32'}`
          : undefined;
    if (problem) {
      throw refusal(
        at,
        `a copy of '${copy}', a tensor of shape [${tensor.shape.join(', ')}], ${tensor.dtype ?? 'float32'}`,
        problem,
      );
    }
    at = copy;
  }
}

function sameKind(a: StateTensor, b: StateTensor): boolean {
  return (
    (a.dtype ?? 'float32') === (b.dtype ?? 'float32') &&
    a.shape.length === b.shape.length &&
    a.shape.every((side, axis) => side === b.shape[axis])
  );
}

function fill(
  initial: Drawn,
  dtype: DType,
  length: number,
  key: readonly [number, string, string, string],
): TypedData {
  if ('values' in initial) {
    const wanted = dtype === 'float32' ? Float32Array : dtype === 'int32' ? Int32Array : Uint8Array;
    if (initial.values instanceof wanted && initial.values.length === length)
      return initial.values.slice();
    throw refusal(
      key[3],
      `${length} values in a ${wanted.name}`,
      `${initial.values.length} in a ${initial.values.constructor.name}`,
    );
  }
  if ('fill' in initial) {
    return dtype === 'float32'
      ? new Float32Array(length).fill(initial.fill)
      : dtype === 'int32'
        ? new Int32Array(length).fill(initial.fill)
        : new Uint8Array(length).fill(initial.fill);
  }
  if (dtype !== 'float32') throw refusal(key[3], 'float32 for random numbers', dtype);
  const stream = randomStream(...key);
  if ('uniform' in initial) return stream.uniform(length, ...initial.uniform);
  const [mean, deviation] = initial.normal;
  return stream.normal(length).map((x) => mean + deviation * x);
}

function refusal(name: string, expected: string, got: string): LapyraError {
  return new LapyraError(
    'LAPYRA_STATE_INITIAL',
    `initial state of '${name}': expected ${expected}, got ${got}.`,
  );
}
