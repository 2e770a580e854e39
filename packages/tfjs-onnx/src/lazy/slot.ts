import type { BackendValues, DataType } from '@tensorflow/tfjs-core';
import {
  createNode,
  type ConstantData,
  type DType,
  type TensorType,
  type Value,
} from '../graph/graph.js';
import type { TfjsOnnxError } from '../tfjs-onnx-error.js';
import { isDType, type Counted } from '../tracer/recording-backend.js';

/** The data of one tensor or of several that share it: values on the host, or a promise of them in a graph. */
export interface Slot extends Counted {
  readonly shape: readonly number[];
  readonly dtype: DataType;
  /** What nodes read; null for element types that graphs do not have. */
  value: Value | null;
  /** Null until computed. */
  data: ConstantData | Uint8Array[] | null;
  /** The batch that computes the values, and where it puts them; null before it begins and after it ends. */
  flight: Flight | null;
  /** Why it could not be computed. */
  failure: TfjsOnnxError | null;
  /** Reads that wait for the values. They keep a slot needed although its tensors are gone. */
  readers: number;
}

/** Values that a run writes. */
export interface Flight {
  readonly batch: Batch;
  readonly data: ConstantData;
}

/** Slots that are computed together. */
export interface Batch {
  /** Whether the run failed, or read what a run wrote that failed: what it wrote is worth nothing. */
  spoiled: boolean;
}

const SLOT = Symbol('slot');

/** The slot that a value stands for; undefined for values that no tensor ever had. */
export function slotOf(value: Value): Slot | undefined {
  return (value as Value & { readonly [SLOT]?: Slot })[SLOT];
}

function own(value: Value, slot: Slot): void {
  // A property of its own rather than a weak map: the garbage collector takes long over large weak maps.
  (value as Value & { [SLOT]?: Slot })[SLOT] = slot;
}

/** A slot whose values a node will give. */
export function pendingSlot(value: Value): Slot {
  const { shape, dtype } = value;
  const rest = { data: null, flight: null, failure: null, references: 1, readers: 0 };
  const slot: Slot = { shape, dtype, value, ...rest };
  own(value, slot);
  return slot;
}

/** A slot whose values are known. */
export function filledSlot(
  shape: readonly number[],
  dtype: DataType,
  values: BackendValues | null,
): Slot {
  const rest = { data: null, flight: null, failure: null, references: 1, readers: 0 };
  const slot: Slot = { shape: [...shape], dtype, value: null, ...rest };
  fill(slot, copyOf(values, shape, dtype));
  return slot;
}

/** Give a slot its values. Nodes that come later read them as an input: what they were computed from can go. */
export function fill(slot: Slot, data: ConstantData | Uint8Array[]): void {
  slot.data = data;
  slot.flight = null;
  const { shape, dtype } = slot;
  if (!isDType(dtype)) return;
  slot.value = inputValue({ shape, dtype });
  own(slot.value, slot);
}

/** A value that a graph is given. */
export function inputValue(type: TensorType): Value {
  const [value] = createNode('Input', '', {}, {}, [type]).outputs;
  if (value === undefined) throw new Error('no value');
  return value;
}

/** Copies, so that nobody can change values that waiting nodes will read. */
export function copyOf(
  values: BackendValues | null,
  shape: readonly number[],
  dtype: DataType,
): ConstantData | Uint8Array[] {
  if (dtype === 'string') return (values as Uint8Array[]).slice(); // with the holes of sparse arrays
  const size = shape.reduce((product, length) => product * length, 1);
  const numbers: ArrayLike<number> = values === null ? { length: size } : (values as Float32Array);
  return makeArray(isDType(dtype) ? dtype : 'bool', numbers);
}

/** An array of the kind that holds an element type: of a length, or with values. */
export function makeArray(dtype: DType, content: number | ArrayLike<number>): ConstantData {
  // Typed arrays are made of both alike, which the types do not say in one signature.
  const numbers = content as number;
  if (dtype === 'float32') return new Float32Array(numbers);
  return dtype === 'int32' ? new Int32Array(numbers) : new Uint8Array(numbers);
}
