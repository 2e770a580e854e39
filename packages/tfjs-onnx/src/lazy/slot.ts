import type { BackendValues, DataType } from '@tensorflow/tfjs-core';
import { createNode, type ConstantData, type TensorType, type Value } from '../graph/graph.js';
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
  /** Why it could not be computed. */
  failure: TfjsOnnxError | null;
  /** Reads that wait for the values. They keep a slot needed although its tensors are gone. */
  readers: number;
}

/** Finds the slot of a value, as long as somebody holds the value. */
export type SlotOf = WeakMap<Value, Slot>;

/** A slot whose values a node will give. */
export function pendingSlot(value: Value, slotOf: SlotOf): Slot {
  const { shape, dtype } = value;
  const rest = { data: null, failure: null, references: 1, readers: 0 };
  const slot: Slot = { shape, dtype, value, ...rest };
  slotOf.set(value, slot);
  return slot;
}

/** A slot whose values are known. */
export function filledSlot(
  shape: readonly number[],
  dtype: DataType,
  values: BackendValues | null,
  slotOf: SlotOf,
): Slot {
  const rest = { data: null, failure: null, references: 1, readers: 0 };
  const slot: Slot = { shape: [...shape], dtype, value: null, ...rest };
  fill(slot, copyOf(values, shape, dtype), slotOf);
  return slot;
}

/** Give a slot its values. Nodes that come later read them as an input: what they were computed from can go. */
export function fill(slot: Slot, data: ConstantData | Uint8Array[], slotOf: SlotOf): void {
  slot.data = data;
  const { shape, dtype } = slot;
  if (!isDType(dtype)) return;
  slot.value = inputValue({ shape, dtype });
  slotOf.set(slot.value, slot);
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
  if (dtype === 'string') return [...(values as Uint8Array[])];
  const size = shape.reduce((product, length) => product * length, 1);
  const numbers: ArrayLike<number> = values === null ? { length: size } : (values as Float32Array);
  if (dtype === 'float32') return new Float32Array(numbers);
  return dtype === 'int32' ? new Int32Array(numbers) : new Uint8Array(numbers);
}
